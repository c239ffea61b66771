// SPDX-License-Identifier: Apache-2.0
// Forwards by way of a node's relay: the real program, run on this host.
#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "net/line_socket.h"
#include "net/spawn.h"
#include "sys/files.h"
#include "sys/net/socket_stream.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

// What a driver does in a node, done here.
class Relay {
 public:
  NodeTarget to(const Endpoint& endpoint) {
    return {"lab-w1", to_string(endpoint),
            [this](const Context& ctx, const auto& in, const auto& out) { return run(ctx, in, out); }};
  }
  NodeTarget to(const Listener& server) { return to(server.endpoint()); }
  int runs() const { return runs_; }
  bool ended() const { return running_ == 0; }
  void kill() const { ::kill(pid_, SIGKILL); }

 private:
  Result<void> run(const Context& ctx, const std::function<Result<std::string>(const Context&)>& in,
                   const std::function<void(std::string_view)>& out) {
    ++runs_;
    ++running_;
    auto result = carry(ctx, in, out);
    --running_;
    return result;
  }
  Result<void> carry(const Context& ctx, const std::function<Result<std::string>(const Context&)>& in,
                     const std::function<void(std::string_view)>& out) {
    auto pair = TRY(make_socket_pair());
    pid_ = TRY(spawn_child({.argv = {SKIFF_RELAY}, .env = {}, .in = pair.theirs.get(), .out = pair.theirs.get()}));
    pair.theirs.reset();
    sys::Socket socket(pair.ours.release());
    std::jthread feeder([&](const std::stop_token& over) {
      for (;;) {
        const auto piece = in({over, Deadline::never(), ctx.events});
        if (!piece.ok() || piece->empty()) break;
        if (!socket.write(ctx, *piece).ok()) break;
      }
      [[maybe_unused]] const auto closed = socket.close_write(ctx);
    });
    std::vector<char> buffer(65536);
    for (;;) {
      const auto count = socket.read(ctx, buffer);
      if (!count.ok() || *count == 0) break;
      out({buffer.data(), *count});
    }
    feeder.request_stop();
    feeder.join();
    ::shutdown(socket.fd(), SHUT_RDWR);
    wait_for_child(pid_);
    return make_error(ErrorId::network, "lab-w1 has gone");
  }

  std::atomic<int> runs_ = 0;
  std::atomic<int> running_ = 0;
  std::atomic<pid_t> pid_ = 0;
};

class RelayForward : public testing::Test {
 protected:
  void SetUp() override {
    if (!sys::exists(SKIFF_RELAY)) GTEST_SKIP() << "Go was not there to build the relay";
  }
  Relay relay;  // outlives every forwarder of the test
};

TEST_F(RelayForward, CarriesBytesAndEndsInBothDirections) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "a question");
  end_writing(client);
  const auto served = accept_from(server);
  EXPECT_EQ(receive_rest(served), "a question");
  send_all(served, "an answer");
  end_writing(served);
  EXPECT_EQ(receive_rest(client), "an answer");
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
  EXPECT_EQ(forwarded.status().sent, 10U);
  EXPECT_EQ(forwarded.status().received, 9U);
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST_F(RelayForward, PassesTheTargetsEndOnAtOnceAndStaysOpenUpwards) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  const auto client = connect_to(forwarded.at.port);
  auto served = accept_from(server);
  send_all(served, "an answer");
  end_writing(served);
  EXPECT_EQ(receive_rest(client), "an answer");
  send_all(client, "still here");
  EXPECT_EQ(receive(served, 10), "still here");
  end_writing(client);
  EXPECT_EQ(receive_rest(served), "");
}

TEST_F(RelayForward, CarriesManyMegabytesBothWaysAtOnce) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < (20U << 20); ++i) bytes += std::to_string(i);
  std::string up;
  std::string down;
  {
    const std::jthread far_reader([&] { up = receive_rest(served); });
    const std::jthread near_reader([&] { down = receive_rest(client); });
    const std::jthread far_writer([&] {
      send_all(served, bytes);
      end_writing(served);
    });
    send_all(client, bytes);
    end_writing(client);
  }
  EXPECT_TRUE(up == bytes);
  EXPECT_TRUE(down == bytes);
}

TEST_F(RelayForward, ReaderThatPausesHoldsUpNobodyElse) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  const auto paused = connect_to(forwarded.at.port);
  const auto served_paused = accept_from(server);
  const std::string bytes(24U << 20, 'x');
  std::jthread writer([&] {
    send_all(served_paused, bytes);
    end_writing(served_paused);
  });
  const auto other = connect_to(forwarded.at.port);
  const auto served_other = accept_from(server);
  send_all(other, "ping");
  EXPECT_EQ(receive(served_other, 4), "ping");
  send_all(served_other, "pong");
  EXPECT_EQ(receive(other, 4), "pong");
  EXPECT_EQ(receive_rest(paused).size(), bytes.size());
}

TEST_F(RelayForward, OneRelayCarriesAThousandConnections) {
  constexpr int many = 1000;
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  std::vector<sys::UniqueFd> clients;
  std::vector<sys::UniqueFd> served;
  for (int i = 0; i < many; ++i) {
    clients.push_back(connect_to(forwarded.at.port));
    send_all(clients.back(), std::to_string(i) + "\n");
  }
  for (int i = 0; i < many; ++i) {
    served.push_back(accept_from(server));
    end_writing(served.back());
  }
  for (const auto& client : clients) EXPECT_EQ(receive_rest(client), "");
  EXPECT_EQ(relay.runs(), 1);
  EXPECT_EQ(forwarded.status().active, static_cast<std::uint64_t>(many));
}

TEST_F(RelayForward, GoesOnToTheNextTarget) {
  const auto server = listen_on();
  const Endpoint nobody{localhost, unused_port()};
  const auto forwarded = forward(routes_to({relay.to(nobody), server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "x");
  EXPECT_EQ(receive(accept_from(server), 1), "x");

  const auto hopeless = forward(routes_to({relay.to(nobody)}));
  EXPECT_EQ(error_of_next_read(connect_to(hopeless.at.port)), ECONNRESET);
  EXPECT_NE(hopeless.status().last_error.find("refused"), std::string::npos) << hopeless.status().last_error;
}

TEST_F(RelayForward, PassesResetsOnInBothDirections) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  reset(std::move(client));
  EXPECT_EQ(error_of_next_read(served), ECONNRESET);

  const auto second = connect_to(forwarded.at.port);
  reset(accept_from(server));
  EXPECT_EQ(error_of_next_read(second), ECONNRESET);
}

TEST_F(RelayForward, StartsAnewAfterTheNodeWasGone) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({relay.to(server)}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  relay.kill();
  EXPECT_EQ(error_of_next_read(client), ECONNRESET);
  EXPECT_EQ(forwarded.status().last_error, "lab-w1 has gone");
  const auto again = connect_to(forwarded.at.port);
  send_all(again, "x");
  EXPECT_EQ(receive(accept_from(server), 1), "x");
  EXPECT_EQ(relay.runs(), 2);
}

TEST_F(RelayForward, EndsTheRelayThatIsIdleAndWithTheForwarder) {
  const auto server = listen_on();
  ForwarderOptions options;
  options.relay_idle = std::chrono::milliseconds(50);
  auto forwarded = forward(routes_to({relay.to(server)}), Protocol::tcp, options);
  auto client = connect_to(forwarded.at.port);
  accept_from(server);
  EXPECT_EQ(error_of_next_read(client), 0);
  client.reset();
  EXPECT_TRUE(eventually([&] { return relay.ended(); }));

  const auto open = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  forwarded.forwarder.reset();
  EXPECT_TRUE(relay.ended());
  EXPECT_EQ(error_of_next_read(open), ECONNRESET);
  EXPECT_GE(error_of_next_read(served), 0);
}

TEST_F(RelayForward, CarriesDatagrams) {
  const auto server = listen_on(Protocol::udp);
  const auto forwarded = forward(routes_to({relay.to(server)}), Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  const std::string large(60000, 'y');
  for (const std::string& datagram : {std::string("ping"), large, std::string("pong")}) {
    send_all(client, datagram);
    answer_one(server, "");
    EXPECT_EQ(receive_datagram(client), datagram);
  }
  EXPECT_EQ(forwarded.status().active, 1U);
}

TEST(Relay, ThatCannotRunIsToldOf) {
  const NodeTarget target{"lab-w1", "127.0.0.1:1", [](const Context&, const auto&, const auto&) -> Result<void> {
                            return make_error(ErrorId::cluster_not_running, "lab-w1 does not run");
                          }};
  const auto forwarded = forward(routes_to({target}));
  EXPECT_EQ(error_of_next_read(connect_to(forwarded.at.port)), ECONNRESET);
  EXPECT_EQ(forwarded.status().last_error, "lab-w1 does not run");
}

}  // namespace
}  // namespace skiff::net::test
