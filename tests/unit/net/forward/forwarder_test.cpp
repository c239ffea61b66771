// SPDX-License-Identifier: Apache-2.0
#include "net/forward/forwarder.h"

#include <poll.h>
#include <sys/socket.h>

#include <random>
#include <thread>

#include "net/listen.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

TEST(Forwarder, CarriesBytesBothWaysAndCountsThem) {
  const auto server = listen_on();
  const auto routes = routes_to({server.endpoint()});
  const auto forwarded = forward(routes);

  const auto client = connect_to(forwarded.at.port);
  send_all(client, "a question");
  const auto served = accept_from(server);
  EXPECT_EQ(receive(served, 10), "a question");
  send_all(served, "an answer");
  EXPECT_EQ(receive(client, 9), "an answer");

  const auto status = forwarded.status();
  EXPECT_EQ(status.at, forwarded.at);
  EXPECT_EQ(status.connections, 1U);
  EXPECT_EQ(status.active, 1U);
  EXPECT_EQ(status.failed, 0U);
  EXPECT_EQ(status.sent, 10U);
  EXPECT_EQ(status.received, 9U);
  EXPECT_EQ(to_string(routes->last_asked().client), "127.0.0.1");
  EXPECT_EQ(routes->last_asked().at, forwarded.at);
}

TEST(Forwarder, ServesAThousandConnectionsAtATime) {
  constexpr std::size_t count = 1000;
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));

  std::vector<sys::UniqueFd> clients;
  std::vector<sys::UniqueFd> served;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(connect_to(forwarded.at.port));
    ASSERT_TRUE(clients.back());
  }
  for (std::size_t i = 0; i < count; ++i) served.push_back(accept_from(server));
  EXPECT_EQ(forwarded.status().active, count);

  for (std::size_t i = 0; i < count; ++i) send_all(clients[i], std::to_string(1000 + i));
  for (const auto& connection : served) send_all(connection, "echo " + receive(connection, 4));
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(receive(clients[i], 9), "echo " + std::to_string(1000 + i));

  clients.clear();
  served.clear();
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST(Forwarder, KeepsAConnectionHalfOpenWhenTheClientEndsFirst) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "everything");
  end_writing(client);
  const auto served = accept_from(server);
  EXPECT_EQ(receive_rest(served), "everything");
  send_all(served, "understood");
  end_writing(served);
  EXPECT_EQ(receive_rest(client), "understood");
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST(Forwarder, KeepsAConnectionHalfOpenWhenTheServerEndsFirst) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  send_all(served, "that is all");
  end_writing(served);
  EXPECT_EQ(receive_rest(client), "that is all");
  EXPECT_EQ(forwarded.status().active, 1U);
  send_all(client, "thanks");
  end_writing(client);
  EXPECT_EQ(receive_rest(served), "thanks");
}

// Two ends of a connection that is through: a byte has gone over it.
struct Through {
  sys::UniqueFd client;
  sys::UniqueFd served;
};
Through connect_through(const Forwarded& forwarded, const Listener& server) {
  Through out{connect_to(forwarded.at.port), accept_from(server)};
  send_all(out.client, "x");
  EXPECT_EQ(receive(out.served, 1), "x");
  return out;
}

// Random bytes of a length that no buffer divides, over and over: any loss, repetition or exchange shows.
const std::string& pattern() {
  static const std::string bytes = [] {
    std::string out(1'000'003, '\0');
    std::mt19937 random(1);
    for (auto& byte : out) byte = static_cast<char>(random());
    return out;
  }();
  return bytes;
}

void send_pattern(const sys::UniqueFd& fd, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) send_all(fd, pattern());
  end_writing(fd);
}

void expect_pattern(const sys::UniqueFd& fd, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) ASSERT_TRUE(receive(fd, pattern().size()) == pattern()) << "in piece " << i;
  EXPECT_EQ(error_of_next_read(fd), 0);
}

TEST(Forwarder, TransfersHundredsOfMegabytesUnchanged) {
  constexpr std::size_t times = 100;  // 100 MB each way at the same time
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  {
    const std::jthread up([&] { send_pattern(client, times); });
    const std::jthread down([&] { send_pattern(served, times); });
    const std::jthread there([&] { expect_pattern(served, times); });
    expect_pattern(client, times);
  }
  EXPECT_EQ(forwarded.status().sent, times * pattern().size());
  EXPECT_EQ(forwarded.status().received, times * pattern().size());
}

TEST(Forwarder, HoldsAWriterBackWhileNobodyReads) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);

  constexpr std::size_t far_too_much = 256 << 20;  // above all the kernel's buffers on the way
  std::size_t sent = 0;
  pollfd writable{client.get(), POLLOUT, 0};
  while (sent < far_too_much && ::poll(&writable, 1, 300) == 1) {
    const ssize_t count = ::send(client.get(), pattern().data(), pattern().size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  EXPECT_LT(sent, far_too_much);
  EXPECT_GT(sent, 0U);

  end_writing(client);
  EXPECT_EQ(receive_rest(served).size(), sent);
}

TEST(Forwarder, TriesTheNextTargetWhenOneRefuses) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({Endpoint{localhost, unused_port()}, server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "hello");
  EXPECT_EQ(receive(accept_from(server), 5), "hello");
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST(Forwarder, WaitsForASilentTargetOnceAndThenTriesItLast) {
  const auto silent = listen_on(Protocol::tcp, 0);  // with its queue full it answers no more
  const auto fills_the_queue = connect_to(silent.port);
  const auto server = listen_on();
  ForwarderOptions options;
  options.connect_timeout = std::chrono::seconds(1);
  const auto forwarded = forward(routes_to({silent.endpoint(), server.endpoint()}), Protocol::tcp, options);

  const auto connection_time = [&] {
    const auto begin = std::chrono::steady_clock::now();
    const auto client = connect_to(forwarded.at.port);
    send_all(client, "x");
    EXPECT_EQ(receive(accept_from(server), 1), "x");
    return std::chrono::steady_clock::now() - begin;
  };
  EXPECT_GE(connection_time(), options.connect_timeout);
  EXPECT_LT(connection_time(), options.connect_timeout);
}

TEST(Forwarder, ResetsAndCountsAConnectionWithoutTarget) {
  const auto routes = routes_to({});
  const auto forwarded = forward(routes);
  EXPECT_EQ(error_of_next_read(connect_to(forwarded.at.port)), ECONNRESET);
  EXPECT_EQ(forwarded.status().failed, 1U);
  EXPECT_EQ(forwarded.status().active, 0U);
  EXPECT_EQ(forwarded.status().last_error, "There is no target");

  routes->set(make_error(ErrorId::service_unreachable, "No pod of default/web is ready"));
  EXPECT_EQ(error_of_next_read(connect_to(forwarded.at.port)), ECONNRESET);
  EXPECT_EQ(forwarded.status().last_error, "No pod of default/web is ready");

  const Endpoint refusing{localhost, unused_port()};
  routes->set(std::vector<Target>{refusing});
  EXPECT_EQ(error_of_next_read(connect_to(forwarded.at.port)), ECONNRESET);
  EXPECT_EQ(forwarded.status().last_error, to_string(refusing) + ": Connection refused");
  EXPECT_EQ(forwarded.status().failed, 3U);
}

TEST(Forwarder, AsksForTheRouteOfEveryConnectionAnew) {
  const auto first = listen_on();
  const auto second = listen_on();
  const auto routes = routes_to({first.endpoint()});
  const auto forwarded = forward(routes);
  const auto before = connect_to(forwarded.at.port);
  const auto served_first = accept_from(first);
  routes->set(std::vector<Target>{second.endpoint()});
  const auto after = connect_to(forwarded.at.port);
  send_all(after, "moved");
  EXPECT_EQ(receive(accept_from(second), 5), "moved");
  send_all(before, "stays");
  EXPECT_EQ(receive(served_first, 5), "stays");
}

TEST(Forwarder, PassesAResetOnInBothDirections) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  auto one = connect_through(forwarded, server);
  reset(std::move(one.served));
  EXPECT_EQ(error_of_next_read(one.client), ECONNRESET);
  auto two = connect_through(forwarded, server);
  reset(std::move(two.client));
  EXPECT_EQ(error_of_next_read(two.served), ECONNRESET);
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
  EXPECT_EQ(forwarded.status().failed, 2U);
  EXPECT_EQ(forwarded.status().last_error, "Connection reset by peer");
}

TEST(Forwarder, ResetsAClientThatLeftWhileItsTargetReadsNothing) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  pollfd writable{client.get(), POLLOUT, 0};
  while (::poll(&writable, 1, 200) == 1) {
    ASSERT_GT(::send(client.get(), pattern().data(), pattern().size(), MSG_DONTWAIT | MSG_NOSIGNAL), 0);
  }
  reset(std::move(client));
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
}

TEST(Forwarder, DeliversAnAnswerGivenBeforeTheRequestWasRead) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  send_all(client, std::string(100'000, 'x'));
  {
    const auto served = accept_from(server);
    EXPECT_EQ(receive(served, 1), "x");
    send_all(served, "413 too large");
  }  // closes with unread bytes: the kernel resets the connection
  EXPECT_EQ(receive(client, 13), "413 too large");
}

TEST(Forwarder, FreesItsPortOnClose) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto [client, served] = connect_through(forwarded, server);
  forwarded.forwarder->close(forwarded.at);
  EXPECT_EQ(error_of_next_read(client), ECONNRESET);
  EXPECT_EQ(error_of_next_read(served), ECONNRESET);
  EXPECT_FALSE(connect_to(forwarded.at.port));
  EXPECT_FALSE(forwarded.forwarder->status(forwarded.at));
  EXPECT_TRUE(forwarded.forwarder->status().empty());
  forwarded.forwarder->close(forwarded.at);
  const auto again = forwarded.forwarder->add(forwarded.at, routes_to({server.endpoint()}));
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(*again, forwarded.at);
  EXPECT_TRUE(connect_to(forwarded.at.port));
}

TEST(Forwarder, EndsWhileItIsBusy) {
  const auto server = listen_on();
  auto forwarded = forward(routes_to({server.endpoint()}));
  std::vector<std::jthread> traffic;
  for (int i = 0; i < 20; ++i) {
    auto client = std::make_shared<sys::UniqueFd>(connect_to(forwarded.at.port));
    auto served = std::make_shared<sys::UniqueFd>(accept_from(server));
    traffic.emplace_back([client] {
      while (::send(client->get(), pattern().data(), pattern().size(), MSG_NOSIGNAL) > 0) {
      }
    });
    traffic.emplace_back([served] {
      while (!receive(*served, 100'000).empty()) {
      }
    });
  }
  ASSERT_TRUE(eventually([&] { return forwarded.status().sent > (10U << 20); }));
  forwarded.forwarder.reset();
  traffic.clear();  // they end only when their connections are broken off
  EXPECT_FALSE(connect_to(forwarded.at.port));
}

TEST(Forwarder, AdoptsABoundSocket) {
  const auto server = listen_on();
  auto forwarded = forward(routes_to({server.endpoint()}));
  auto bound = bind_socket({Protocol::tcp, {{0x7F000002}, false}, 0});
  ASSERT_TRUE(bound.ok()) << bound.error().what;
  const auto at = forwarded.forwarder->adopt(std::move(bound).value(), routes_to({server.endpoint()}));
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(to_string(at->address), "127.0.0.2");
  EXPECT_NE(at->port, 0);
  EXPECT_EQ(forwarded.forwarder->status().size(), 2U);
  EXPECT_EQ(forwarded.forwarder->adopt(sys::UniqueFd(::dup(0)), nullptr).error().id, ErrorId::usage);
}

TEST(Forwarder, ListensOnIpv6Loopback) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto at = forwarded.forwarder->add({Protocol::tcp, {{}, true}, 0}, routes_to({server.endpoint()}));
  if (!at.ok()) GTEST_SKIP() << "this host has no IPv6: " << at.error().what;
  EXPECT_EQ(to_string(*at), "[::1]:" + std::to_string(at->port) + "/tcp");
}

TEST(Forwarder, DialsATargetThatIsAboutToAnswerAnew) {
  const std::uint16_t port = unused_port();
  const auto routes = routes_to({Endpoint{localhost, port}});
  routes->set_settling(true);
  const auto forwarded = forward(routes);
  const auto client = connect_to(forwarded.at.port);
  send_all(client, "x");
  ASSERT_EQ(forwarded.status().failed, 0U);
  const auto server = listen_on(Protocol::tcp, 16, port);
  EXPECT_EQ(receive(accept_from(server), 1), "x");
}

TEST(Forwarder, GivesUpOnATargetThatRefusesOnceItHasSettled) {
  const auto routes = routes_to({Endpoint{localhost, unused_port()}});
  routes->set_settling(true);
  const auto forwarded = forward(routes);
  const auto client = connect_to(forwarded.at.port);
  ASSERT_TRUE(eventually([&] { return forwarded.status().active == 1; }));
  routes->set_settling(false);
  EXPECT_EQ(error_of_next_read(client), ECONNRESET);
  const auto other = connect_to(forwarded.at.port);
  EXPECT_EQ(error_of_next_read(other), ECONNRESET);
}

TEST(Forwarder, EndsWhileATargetIsAwaited) {
  const auto routes = routes_to({Endpoint{localhost, unused_port()}});
  routes->set_settling(true);
  auto forwarded = forward(routes);
  const auto client = connect_to(forwarded.at.port);
  ASSERT_TRUE(eventually([&] { return forwarded.status().active == 1; }));
  forwarded.forwarder->close(forwarded.at);
  EXPECT_EQ(error_of_next_read(client), ECONNRESET);
}

}  // namespace
}  // namespace skiff::net::test
