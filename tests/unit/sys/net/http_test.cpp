// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "http_fixture.h"

namespace skiff::sys {
namespace {

using test::make_identity;
using test::Peer;
using test::Server;

TEST_F(Http, RequestsInTurnUseOneConnection) {
  const Server server(echo_requests);
  HttpClient client(unix_target(server));
  for (const auto* path : {"/one", "/two", "/three"}) {
    const auto response = client.send(ctx, {.path = path});
    ASSERT_TRUE(response.ok()) << response.error().what;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "0 GET " + std::string(path) + " HTTP/1.1");
  }
}

TEST_F(Http, ManyThreadsShareOneClient) {
  const Server server(echo_requests);
  HttpClient client(unix_target(server));
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 50; ++j) {
          const std::string path = "/" + std::to_string(i) + "/" + std::to_string(j);
          const auto response = client.send(ctx, {.path = path});
          if (response.ok() && response->body.ends_with("GET " + path + " HTTP/1.1")) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 400);
}

TEST_F(Http, SendsMethodHeadersAndBody) {
  std::string seen;
  const Server server([&](Peer& peer, int) {
    seen = peer.read_head();
    while (peer.rest.size() < 5) peer.rest += peer.read_some();
    seen += peer.rest;
    peer.write("HTTP/1.1 201 Created\r\nX-Two: a\r\nx-two: b\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {"POST", "/p?q=1", {{"Content-Type", "text/plain"}}, "hello", nullptr});
  ASSERT_TRUE(response.ok()) << response.error().what;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->headers.at("x-two"), "a, b");
  EXPECT_TRUE(seen.starts_with("POST /p?q=1 HTTP/1.1\r\nHost: localhost\r\n")) << seen;
  EXPECT_NE(seen.find("Content-Type: text/plain\r\n"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("Content-Length: 5\r\n\r\nhello")) << seen;
}

TEST_F(Http, KeptConnectionThatTheServerDropsIsReplacedOnce) {
  std::atomic<int> connections = 0;
  const Server server([&](Peer& peer, int) {
    ++connections;
    peer.read_head();
    peer.answer("fine");
    peer.read_head();  // takes the second request, and leaves without an answer
  });
  HttpClient client(unix_target(server));
  ASSERT_TRUE(client.send(ctx, {}).ok());
  const auto second = client.send(ctx, {});
  ASSERT_TRUE(second.ok()) << second.error().what;
  EXPECT_EQ(second->body, "fine");
  EXPECT_EQ(connections, 2);
}

TEST_F(Http, APostIsNeverSentTwice) {
  std::atomic<int> posts = 0;
  const Server server([&](Peer& peer, int) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      if (head.starts_with("POST")) {
        ++posts;  // and leaves without an answer
        return;
      }
      peer.answer("fine");
    }
  });
  HttpClient client(unix_target(server));
  ASSERT_TRUE(client.send(ctx, {}).ok());
  const auto posted = client.send(ctx, {.method = "POST"});
  ASSERT_FALSE(posted.ok());
  EXPECT_EQ(posted.error().id, ErrorId::network);
  EXPECT_EQ(posts, 1);
}

TEST_F(Http, NewConnectionThatBreaksIsAnError) {
  std::atomic<int> connections = 0;
  const Server server([&](Peer& peer, int) {
    ++connections;
    peer.read_head();
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
  EXPECT_EQ(connections, 1);
}

TEST_F(Http, DeadlineEndsTheWait) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.read_some();  // never answers
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx.within(std::chrono::milliseconds(30)), {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::timeout);
}

TEST_F(Http, StopEndsTheWait) {
  std::stop_source stop;
  const Server server([&](Peer& peer, int) {
    peer.read_head();
    stop.request_stop();
    peer.read_some();
  });
  HttpClient client(unix_target(server));
  const auto response = client.send({stop.get_token(), ctx.deadline, &events}, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::interrupted);
}

TEST_F(Http, BigAnswerIsStreamedChunkByChunk) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "100000\r\n" + std::string(1 << 20, 'y') + "\r\n";
    for (std::size_t sent = 0; sent < big; sent += 1 << 20) peer.write(piece);
    peer.write("0\r\n\r\n");
    echo_requests(peer, 7);
  });
  HttpClient client(unix_target(server));
  std::size_t total = 0;
  std::size_t largest = 0;
  const auto response = client.stream(ctx, {}, [&](std::string_view piece) -> Result<bool> {
    total += piece.size();
    largest = std::max(largest, piece.size());
    return piece.find_first_not_of('y') == std::string_view::npos;
  });
  ASSERT_TRUE(response.ok()) << response.error().what;
  EXPECT_EQ(total, big);
  EXPECT_LE(largest, 1U << 20);
  EXPECT_EQ(client.send(ctx, {.path = "/again"})->body, "7 GET /again HTTP/1.1");
}

TEST_F(Http, SinkMayEndTheStreamOrFail) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    peer.read_some();
  });
  HttpClient client(unix_target(server));
  std::string seen;
  EXPECT_TRUE(client
                  .stream(ctx, {},
                          [&](std::string_view piece) -> Result<bool> {
                            seen += piece;
                            return false;
                          })
                  .ok());
  EXPECT_EQ(seen, "first");
  const auto failed =
      client.stream(ctx, {}, [](std::string_view) -> Result<bool> { return make_error(ErrorId::disk_full, "full"); });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::disk_full);
}

TEST_F(Http, StreamCollectsTheBodyOfARefusal) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.answer("no such thing", "404 Not Found");
  });
  HttpClient client(unix_target(server));
  const auto response = client.stream(ctx, {}, [](std::string_view) -> Result<bool> {
    ADD_FAILURE() << "the sink is for good answers";
    return true;
  });
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "no such thing");
}

TEST_F(Http, BigBodyIsSentChunked) {
  std::size_t received = 0;
  const Server server([&](Peer& peer, int) {
    EXPECT_NE(peer.read_head().find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    received = peer.read_chunked_body();
    peer.answer("thanks");
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {"POST", "/", {}, "", source_of(big)});
  ASSERT_TRUE(response.ok()) << response.error().what;
  EXPECT_EQ(response->body, "thanks");
  EXPECT_EQ(received, big);
}

TEST_F(Http, RefusalAmidABodyIsHeard) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.answer("no space left on device", "500 Internal Server Error");
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {"POST", "/", {}, "", source_of(big)});
  // A unix socket keeps what was sent before it was closed; the refusal must not be lost behind the broken pipe.
  ASSERT_TRUE(response.ok()) << response.error().what;
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body, "no space left on device");
}

TEST_F(Http, FailingBodySourceIsReturned) {
  const Server server([](Peer& peer, int) { peer.read_head(); });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {"POST", "/", {}, "", [](const Context&) -> Result<std::string> {
                                            return make_error(ErrorId::host_error, "unreadable");
                                          }});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().what, "unreadable");
}

TEST_F(Http, AnswerWithoutLengthEndsWithTheConnection) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.write("HTTP/1.0 200 OK\r\n\r\nold style");
  });
  HttpClient client(unix_target(server));
  EXPECT_EQ(client.send(ctx, {})->body, "old style");
}

TEST_F(Http, TruncatedAnswerIsAnError) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
}

TEST_F(Http, GarbageIsAnError) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.write("SSH-2.0-what\r\n\r\n");
  });
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
}

TEST_F(Http, UpgradeHandsOverTheConnection) {
  for (const std::string status : {"101 UPGRADED", "200 OK"}) {
    const Server server([&](Peer& peer, int) {
      peer.read_head();
      peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nearly");
      while (peer.rest.size() < 4) peer.rest += peer.read_some();
      peer.write(" got " + peer.rest);
      EXPECT_TRUE(peer.read_some().empty());  // our half is closed
      peer.write(" late");
    });
    HttpClient client(unix_target(server));
    auto upgraded = client.upgrade(ctx, {"POST", "/", {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}}, "", nullptr});
    ASSERT_TRUE(upgraded.ok()) << upgraded.error().what;
    ASSERT_NE(upgraded->stream, nullptr) << status;
    std::string seen;
    std::array<char, 3> buffer{};
    const auto read_until = [&](std::size_t size) {
      while (seen.size() < size) {
        const auto count = upgraded->stream->read(ctx, buffer);
        ASSERT_TRUE(count.ok());
        if (*count == 0) return;
        seen.append(buffer.data(), *count);
      }
    };
    ASSERT_TRUE(upgraded->stream->write(ctx, "ping").ok());
    read_until(14);
    ASSERT_TRUE(upgraded->stream->close_write(ctx).ok());
    read_until(1000);
    EXPECT_EQ(seen, "early got ping late");
  }
}

TEST_F(Http, RefusedUpgradeKeepsTheAnswer) {
  const Server server([](Peer& peer, int) {
    peer.read_head();
    peer.answer("no", "409 Conflict");
  });
  HttpClient client(unix_target(server));
  const auto upgraded = client.upgrade(ctx, {.method = "POST"});
  ASSERT_TRUE(upgraded.ok());
  EXPECT_EQ(upgraded->stream, nullptr);
  EXPECT_EQ(upgraded->response.status, 409);
  EXPECT_EQ(upgraded->response.body, "no");
}

TEST_F(Http, AbsentSocketIsANetworkError) {
  HttpClient client({"/nonexistent/socket", "", 0, std::nullopt});
  const auto response = client.send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
  EXPECT_NE(response.error().what.find("/nonexistent/socket"), std::string::npos);
}

TEST_F(Http, ForbiddenSocketIsAPermissionError) {
  const Server server(echo_requests);
  ASSERT_EQ(chmod(server.path().c_str(), 0), 0);
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  HttpClient client(unix_target(server));
  const auto response = client.send(ctx, {});
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::permission);
}

TEST_F(Http, RefusedTcpConnectionIsANetworkError) {
  std::uint16_t port = 0;
  {
    port = Server(echo_requests, make_identity("IP:127.0.0.1"), std::nullopt).port();
  }
  HttpClient client({"", "127.0.0.1", port, std::nullopt});
  const auto response = client.send(ctx, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().id, ErrorId::network);
}

TEST(UrlEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(url_encode("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(url_encode("{\"label\":[\"a=b/c\"]}"), "%7B%22label%22%3A%5B%22a%3Db%2Fc%22%5D%7D");
  EXPECT_EQ(url_encode("\xC3\xA4 +"), "%C3%A4%20%2B");
}

}  // namespace
}  // namespace skiff::sys
