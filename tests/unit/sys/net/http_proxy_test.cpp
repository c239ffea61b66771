// SPDX-License-Identifier: Apache-2.0
// Servers that are reached through a proxy.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "base/strings.h"
#include "sys/net/download.h"
#include "sys/net/socket_stream.h"
#include "tests/fakes/http_server.h"

namespace skiff::sys {
namespace {

using test::Peer;

class HttpProxyTest : public testing::Test {
 protected:
  static HttpProxy at(std::uint16_t port, std::string user = "") {
    return {"127.0.0.1", port, false, std::move(user), "http://proxy.test"};
  }
  Result<std::string> ask(const std::string& url, const HttpProxy& proxy, const std::string& authorities = "") {
    const Web web{[&](const Url&) { return std::optional(proxy); }, authorities};
    return download_text(ctx_, web, url, 1000);
  }

  // Hands bytes on between a client, whose CONNECT was answered, and a port of this host.
  void tunnel(Peer& peer, std::uint16_t port) {
    const auto socket = Socket::connect_tcp(ctx_, "127.0.0.1", port).value();
    std::jthread back([&] {
      std::array<char, 4096> buffer{};
      for (auto count = socket->read(ctx_, buffer); count.ok() && *count > 0; count = socket->read(ctx_, buffer)) {
        peer.write({buffer.data(), *count});
      }
    });
    for (std::string piece = peer.read_some(); !piece.empty(); piece = peer.read_some()) {
      if (!socket->write(ctx_, piece).ok()) return;
    }
    (void)socket->close_write(ctx_);
  }

  NoEvents events_;
  Context ctx_{{}, Deadline::in(std::chrono::seconds(10)), &events_};
};

TEST_F(HttpProxyTest, IsToldTheWholeAddressAndWhoAsks) {
  std::string head;
  test::Server server(
      [&](Peer& peer, int) {
        head = peer.read_head();
        peer.answer("content");
      },
      test::Server::Loopback());
  EXPECT_EQ(ask("http://web.test/file", at(server.port(), "ann:secret")).value(), "content");
  EXPECT_TRUE(head.starts_with("GET http://web.test:80/file HTTP/1.1\r\nHost: web.test:80\r\n")) << head;
  EXPECT_NE(head.find("Proxy-Authorization: Basic " + base64_encode("ann:secret") + "\r\n"), std::string::npos) << head;
}

TEST_F(HttpProxyTest, IsATunnelForTls) {
  const auto own = test::make_identity("DNS:web.test");
  test::Server web(
      [&](Peer& peer, int) {
        const std::string head = peer.read_head();
        peer.answer(head.starts_with("GET /file HTTP/1.1\r\nHost: web.test:443\r\n") ? "content" : head);
      },
      own, std::nullopt);
  std::string head;
  test::Server proxy(
      [&](Peer& peer, int) {
        head = peer.read_head();
        peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
        tunnel(peer, web.port());
      },
      test::Server::Loopback());
  EXPECT_EQ(ask("https://web.test/file", at(proxy.port(), "ann:secret"), own.cert_pem).value(), "content");
  EXPECT_TRUE(head.starts_with("CONNECT web.test:443 HTTP/1.1\r\nHost: web.test:443\r\n")) << head;
  EXPECT_NE(head.find("Proxy-Authorization: "), std::string::npos);
  EXPECT_EQ(ask("https://web.test/file", at(proxy.port())).error().id, ErrorId::certificate_untrusted);
}

TEST_F(HttpProxyTest, ThatRefusesIsNamed) {
  std::string status = "407 Proxy Authentication Required";
  test::Server server(
      [&](Peer& peer, int) {
        peer.read_head();
        peer.answer("<html>", status);
      },
      test::Server::Loopback());
  for (const auto* url : {"http://web.test/", "https://web.test/"}) {
    const auto refused = ask(url, at(server.port()));
    ASSERT_EQ(refused.error().id, ErrorId::proxy_refused) << url;
    EXPECT_EQ(refused.error().what, "The proxy http://proxy.test asks for a password") << url;
    EXPECT_EQ(ask(url, at(server.port(), "ann:wrong")).error().what,
              "The proxy http://proxy.test takes another password");
  }
  status = "403 Forbidden";
  EXPECT_EQ(ask("https://web.test/", at(server.port())).error().id, ErrorId::proxy_refused);
  const auto nobody = ask("https://web.test/", at(1));
  EXPECT_EQ(nobody.error().id, ErrorId::network);
  EXPECT_EQ(nobody.error().trail.front(), "asking the proxy http://proxy.test");
}

}  // namespace
}  // namespace skiff::sys
