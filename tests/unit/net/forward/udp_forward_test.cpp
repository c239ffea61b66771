// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

TEST(UdpForward, BringsEachAnswerToItsClient) {
  const auto server = listen_on(Protocol::udp);
  const auto forwarded = forward(routes_to({server.endpoint()}), Protocol::udp);
  const auto one = connect_to(forwarded.at.port, Protocol::udp);
  const auto two = connect_to(forwarded.at.port, Protocol::udp);
  send_all(one, "one");
  answer_one(server, "hello ");
  send_all(two, "two");
  answer_one(server, "hello ");
  EXPECT_EQ(receive_datagram(two), "hello two");
  EXPECT_EQ(receive_datagram(one), "hello one");

  const auto status = forwarded.status();
  EXPECT_EQ(status.connections, 2U);
  EXPECT_EQ(status.active, 2U);
  EXPECT_EQ(status.sent, 6U);
  EXPECT_EQ(status.received, 18U);
}

TEST(UdpForward, KeepsTheBoundsOfDatagrams) {
  const auto server = listen_on(Protocol::udp);
  const auto forwarded = forward(routes_to({server.endpoint()}), Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  ASSERT_EQ(::send(client.get(), "", 0, 0), 0);
  answer_one(server, "");
  EXPECT_EQ(receive_datagram(client), "");
  const std::string largest(65507, 'x');
  send_all(client, largest);
  answer_one(server, "");
  EXPECT_TRUE(receive_datagram(client) == largest);
}

TEST(UdpForward, ForgetsAFlowThatIsIdle) {
  const auto server = listen_on(Protocol::udp);
  ForwarderOptions options;
  options.udp_idle = std::chrono::milliseconds(50);
  const auto forwarded = forward(routes_to({server.endpoint()}), Protocol::udp, options);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "x");
  answer_one(server, "");
  EXPECT_TRUE(eventually([&] { return forwarded.status().active == 0; }));
  send_all(client, "y");
  answer_one(server, "still there: ");
  EXPECT_EQ(receive_datagram(client), "x");
  EXPECT_EQ(receive_datagram(client), "still there: y");
  EXPECT_EQ(forwarded.status().connections, 2U);
}

TEST(UdpForward, FindsAnotherTargetAfterOneIsGone) {
  const auto server = listen_on(Protocol::udp);
  const Endpoint gone{localhost, listen_on(Protocol::udp).port};
  const auto routes = routes_to({gone});
  const auto forwarded = forward(routes, Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "lost");
  EXPECT_TRUE(eventually([&] { return forwarded.status().failed == 1; }));
  EXPECT_EQ(forwarded.status().last_error, to_string(gone) + ": Connection refused");
  routes->set(std::vector<Target>{server.endpoint()});
  send_all(client, "found");
  answer_one(server, "");
  EXPECT_EQ(receive_datagram(client), "found");
}

TEST(UdpForward, SendsAnewToATargetThatIsAboutToListen) {
  const std::uint16_t port = listen_on(Protocol::udp).port;
  const auto routes = routes_to({Endpoint{localhost, port}});
  routes->set_settling(true);
  const auto forwarded = forward(routes, Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "first");
  send_all(client, "second");
  ASSERT_TRUE(eventually([&] { return forwarded.status().sent > 5; }));  // refused, and sent once more
  const auto server = listen_on(Protocol::udp, 0, port);
  answer_one(server, "hello ");
  EXPECT_EQ(receive_datagram(client), "hello first");
  EXPECT_EQ(forwarded.status().connections, 1U);
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST(UdpForward, GivesUpOnATargetThatRefusesOnceItHasSettled) {
  const auto routes = routes_to({Endpoint{localhost, listen_on(Protocol::udp).port}});
  routes->set_settling(true);
  const auto forwarded = forward(routes, Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "x");
  ASSERT_TRUE(eventually([&] { return forwarded.status().sent >= 3; }));
  EXPECT_EQ(forwarded.status().failed, 0U);
  routes->set_settling(false);
  EXPECT_TRUE(eventually([&] { return forwarded.status().failed == 1; }));
  EXPECT_EQ(forwarded.status().active, 0U);
}

TEST(UdpForward, FollowsATargetThatMovedSilently) {
  const auto before = listen_on(Protocol::udp);
  const auto after = listen_on(Protocol::udp);
  const auto routes = routes_to({before.endpoint()});
  const auto forwarded = forward(routes, Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "x");
  answer_one(before, "before ");
  EXPECT_EQ(receive_datagram(client), "before x");
  routes->set(std::vector<Target>{after.endpoint()});
  std::string bytes(16, '\0');
  EXPECT_TRUE(eventually([&] {
    send_all(client, "x");
    return ::recv(after.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0;
  }));
}

TEST(UdpForward, LimitsItsFlows) {
  const auto server = listen_on(Protocol::udp);
  ForwarderOptions options;
  options.max_udp_flows = 2;
  const auto forwarded = forward(routes_to({server.endpoint()}), Protocol::udp, options);
  std::vector<sys::UniqueFd> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect_to(forwarded.at.port, Protocol::udp));
    send_all(clients.back(), "x");
    answer_one(server, "");
    EXPECT_EQ(receive_datagram(clients.back()), "x");
  }
  EXPECT_EQ(forwarded.status().connections, 3U);
  EXPECT_EQ(forwarded.status().active, 2U);
}

TEST(UdpForward, SaysWhyItForwardsNothing) {
  const auto routes = routes_to({});
  const auto forwarded = forward(routes, Protocol::udp);
  const auto client = connect_to(forwarded.at.port, Protocol::udp);
  send_all(client, "x");
  EXPECT_TRUE(eventually([&] { return forwarded.status().last_error == "There is no target"; }));
  routes->set(make_error(ErrorId::service_not_found, "The service is gone"));
  send_all(client, "x");
  EXPECT_TRUE(eventually([&] { return forwarded.status().last_error == "The service is gone"; }));
  EXPECT_EQ(forwarded.status().active, 0U);
}

}  // namespace
}  // namespace skiff::net::test
