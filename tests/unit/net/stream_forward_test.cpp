#include <poll.h>

#include <atomic>
#include <thread>

#include "loopback.h"
#include "sys/socket_stream.h"

namespace skiff::net::test {
namespace {

// Stands for a stream that a driver opens into a node.
StreamTarget stream_to(const Listener& server) {
  return {"a stream", [port = server.port](const Context& ctx) -> Result<std::unique_ptr<sys::Stream>> {
            return std::unique_ptr<sys::Stream>(TRY(sys::Socket::connect_tcp(ctx, "127.0.0.1", port)));
          }};
}

StreamTarget broken_stream() {
  return {"a broken stream", [](const Context&) -> Result<std::unique_ptr<sys::Stream>> {
            return make_error(ErrorId::cluster_not_running, "lab-w1 does not run");
          }};
}

TEST(StreamForward, CarriesBytesAndEndsInBothDirections) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({stream_to(server)}));
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

TEST(StreamForward, CarriesManyMegabytes) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({stream_to(server)}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < (20U << 20); ++i) bytes += std::to_string(i);
  std::string there;
  {
    const std::jthread reader([&] { there = receive_rest(served); });
    send_all(client, bytes);
    end_writing(client);
  }
  EXPECT_TRUE(there == bytes);
}

TEST(StreamForward, GoesOnToTheNextTarget) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({broken_stream(), server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "x");
  EXPECT_EQ(receive(accept_from(server), 1), "x");

  const auto hopeless = forward(routes_to({broken_stream()}));
  EXPECT_EQ(error_of_next_read(connect_to(hopeless.at.port)), ECONNRESET);
  EXPECT_EQ(hopeless.status().last_error, "lab-w1 does not run");
}

TEST(StreamForward, EndsTheStreamOfAClientThatLeft) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({stream_to(server)}));
  auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  reset(std::move(client));
  EXPECT_TRUE(eventually([&] { return error_of_next_read(served) >= 0; }));
}

TEST(StreamForward, LimitsTheStreamsAndTakesNewOnesAfterOldOnes) {
  const auto server = listen_on();
  ForwarderOptions options;
  options.max_streams = 2;
  const auto forwarded = forward(routes_to({stream_to(server)}), Protocol::tcp, options);
  auto one = connect_to(forwarded.at.port);
  auto served_one = accept_from(server);
  const auto two = connect_to(forwarded.at.port);
  const auto served_two = accept_from(server);
  EXPECT_EQ(error_of_next_read(connect_to(forwarded.at.port)), ECONNRESET);
  EXPECT_EQ(forwarded.status().last_error, "Too many connections at a time through the driver");

  one.reset();
  served_one.reset();
  EXPECT_TRUE(eventually([&] {
    const auto three = connect_to(forwarded.at.port);
    pollfd arrives{server.fd.get(), POLLIN, 0};
    return ::poll(&arrives, 1, 100) == 1;
  }));
}

TEST(StreamForward, EndsWhileStreamsAreOpenOrOpening) {
  const auto server = listen_on();
  std::atomic<bool> opening = false;
  StreamTarget slow{"a slow stream", [&](const Context& ctx) -> Result<std::unique_ptr<sys::Stream>> {
                      opening = true;
                      TRY(ctx.pause(std::chrono::hours(1)));
                      return make_error(ErrorId::internal, "not reached");
                    }};
  const auto routes = routes_to({stream_to(server)});
  auto forwarded = forward(routes);
  const auto open = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  routes->set(std::vector<Target>{slow});
  const auto waits = connect_to(forwarded.at.port);
  ASSERT_TRUE(eventually([&] { return opening.load(); }));
  forwarded.forwarder.reset();
  EXPECT_EQ(error_of_next_read(waits), ECONNRESET);
  EXPECT_EQ(error_of_next_read(open), ECONNRESET);
  EXPECT_GE(error_of_next_read(served), 0);
}

}  // namespace
}  // namespace skiff::net::test
