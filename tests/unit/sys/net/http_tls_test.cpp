// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "http_fixture.h"

namespace skiff::sys {
namespace {

using test::Identity;
using test::make_identity;
using test::Peer;
using test::Server;

class HttpTls : public Http {
 protected:
  Identity own = make_identity("IP:127.0.0.1,DNS:node.test");
  Identity ours = make_identity("DNS:client");

  HttpTarget target(const Server& server, std::string name) const {
    return {"", "127.0.0.1", server.port(), Tls{own.cert_pem, ours.cert_pem, ours.key_pem, std::move(name)}};
  }
};

TEST_F(HttpTls, ProvesItselfAndChecksNameOrAddress) {
  const Server server(echo_requests, own, ours.cert_pem);
  for (const auto* name : {"127.0.0.1", "node.test", ""}) {
    HttpClient client(target(server, name));
    for (int i = 0; i < 3; ++i) {
      const auto response = client.send(ctx, {});
      ASSERT_TRUE(response.ok()) << response.error().what;
      EXPECT_TRUE(response->body.ends_with("GET / HTTP/1.1"));
    }
  }
}

TEST_F(HttpTls, KeepsItsConnection) {
  const Server server(echo_requests, own, ours.cert_pem);
  HttpClient client(target(server, "127.0.0.1"));
  ASSERT_TRUE(client.send(ctx, {}).ok());
  EXPECT_EQ(client.send(ctx, {})->body, "0 GET / HTTP/1.1");
}

TEST_F(HttpTls, TellsTheServersAddress) {
  const Server server(echo_requests, own, ours.cert_pem);
  HttpTarget named = target(server, "127.0.0.1");
  named.host = "localhost";
  HttpClient client(named);
  EXPECT_EQ(client.peer_address(), "") << "not connected yet";
  ASSERT_TRUE(client.send(ctx, {}).ok());
  EXPECT_EQ(client.peer_address(), "127.0.0.1");
}

TEST_F(HttpTls, RefusesAnotherName) {
  const Server server(echo_requests, own, ours.cert_pem);
  for (const auto* name : {"127.0.0.2", "other.test"}) {
    const auto response = HttpClient(target(server, name)).send(ctx, {});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().id, ErrorId::certificate_untrusted);
    EXPECT_NE(response.error().what.find("mismatch"), std::string::npos) << response.error().what;
  }
}

TEST_F(HttpTls, RefusesAnUnknownAuthority) {
  const Server server(echo_requests, make_identity("IP:127.0.0.1"), std::nullopt);
  const auto response = HttpClient(target(server, "127.0.0.1")).send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::certificate_untrusted);
}

TEST_F(HttpTls, WithoutACertificateTheServerRefusesUs) {
  const Server server(echo_requests, own, ours.cert_pem);
  HttpTarget anonymous = target(server, "127.0.0.1");
  anonymous.tls->cert_pem.clear();
  const auto response = HttpClient(anonymous).send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
}

TEST_F(HttpTls, DamagedPemIsConfigInvalid) {
  const Server server(echo_requests, own, std::nullopt);
  for (auto part : {&Tls::ca_pem, &Tls::cert_pem, &Tls::key_pem}) {
    HttpTarget damaged = target(server, "127.0.0.1");
    (*damaged.tls).*part = "-----BEGIN NONSENSE-----";
    const auto response = HttpClient(damaged).send(ctx, {});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().id, ErrorId::config_invalid);
  }
}

TEST_F(HttpTls, BigBodiesBothWays) {
  const Server server(
      [](Peer& peer, int) {
        peer.read_head();
        peer.answer(std::string(peer.read_chunked_body(), 'z'));
      },
      own, ours.cert_pem);
  HttpClient client(target(server, "node.test"));
  const auto response = client.send(ctx, {"POST", "/", {}, "", source_of(big)});
  ASSERT_TRUE(response.ok()) << response.error().what;
  EXPECT_EQ(response->body.size(), big);
}

TEST_F(HttpTls, ReadsAndWritesAtTheSameTime) {
  const Server server(
      [](Peer& peer, int) {
        peer.read_head();
        peer.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        std::string piece = peer.rest;
        do {
          peer.write(piece);
          piece = peer.read_some();
        } while (!piece.empty());
      },
      own, ours.cert_pem);
  HttpClient client(target(server, "node.test"));
  auto upgraded = client.upgrade(ctx, {});
  ASSERT_TRUE(upgraded.ok() && upgraded->stream);
  auto& stream = *upgraded->stream;
  std::jthread writer([&] {
    const std::string piece(1 << 20, 'w');
    for (std::size_t sent = 0; sent < big && stream.write(ctx, piece).ok();) sent += piece.size();
  });
  std::vector<char> buffer(1 << 16);
  std::size_t total = 0;
  while (total < big) {
    const auto count = stream.read(ctx, buffer);
    ASSERT_TRUE(count.ok() && *count > 0);
    total += *count;
  }
  EXPECT_EQ(total, big);
}

}  // namespace
}  // namespace skiff::sys
