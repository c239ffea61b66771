// SPDX-License-Identifier: Apache-2.0
#include "net/listen.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/port_owner.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

TEST(Listen, ChoosesAPort) {
  const auto bound = bind_socket({Protocol::udp, {localhost, false}, 0});
  ASSERT_TRUE(bound.ok());
  const auto point = listen_point_of(bound->get());
  ASSERT_TRUE(point.ok());
  EXPECT_NE(point->port, 0);
  EXPECT_EQ(to_string(*point), "127.0.0.1:" + std::to_string(point->port) + "/udp");
}

TEST(Listen, NamesTheProgramThatHasThePort) {
  const std::string self = "unit_net (process " + std::to_string(::getpid()) + ")";
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    const auto other = listen_on(protocol);
    const ListenPoint point{protocol, {localhost, false}, other.port};
    const auto bound = bind_socket(point);
    ASSERT_FALSE(bound.ok());
    EXPECT_EQ(bound.error().id, ErrorId::port_in_use);
    EXPECT_EQ(bound.error().what, to_string(point) + " is taken by " + self);
  }
}

TEST(Listen, SeesAWildcardInTheWay) {
  const auto everywhere = bind_socket({Protocol::tcp, {}, 0});
  ASSERT_TRUE(everywhere.ok());
  const ListenPoint here{Protocol::tcp, {localhost, false}, listen_point_of(everywhere->get())->port};
  EXPECT_EQ(bind_socket(here).error().id, ErrorId::port_in_use);
  EXPECT_NE(port_owner(here), "");
}

TEST(Listen, ADifferentLocalAddressIsFree) {
  const auto other = listen_on();
  EXPECT_TRUE(bind_socket({Protocol::tcp, {{0x7F000002}, false}, other.port}).ok());
}

TEST(Listen, RefusesAnAddressOfAnotherHost) {
  const auto bound = bind_socket({Protocol::tcp, {{0xC0000207}, false}, 0});  // 192.0.2.7, for documentation only
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().id, ErrorId::usage);
  EXPECT_EQ(bound.error().what, "This host has no address 192.0.2.7");
}

TEST(Listen, SeesThatAPrivilegedPortIsTaken) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can take a privileged port";
  const auto as_nobody = [] {
    const auto other = bind_socket({Protocol::tcp, {{0x7F000909}, false}, 81});
    if (!other.ok() || ::setuid(65534) != 0) ::_exit(2);
    const bool taken = is_taken({Protocol::tcp, {{0x7F000909}, false}, 81});
    ::_exit(taken && !is_taken({Protocol::tcp, {{0x7F000908}, false}, 81}) ? 0 : 1);
  };
  EXPECT_EXIT(as_nobody(), testing::ExitedWithCode(0), "");
}

TEST(Listen, SaysWhenAPortNeedsRoot) {
  const auto as_nobody = [] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    const auto bound = bind_socket({Protocol::tcp, {localhost, false}, 81});
    ::_exit(!bound.ok() && bound.error().id == ErrorId::permission ? 0 : 1);
  };
  EXPECT_EXIT(as_nobody(), testing::ExitedWithCode(0), "");
}

TEST(PortOwner, ReadsTheKernelsTables) {
  constexpr std::string_view tcp =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 100 0\n"
      "   1: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22 1 0 100 0\n"
      "   2: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 33 1 0 100 0\n"
      "   3: 0100007F:1F90 0100007F:ABCD 01 00000000:00000000 00:00000000 00000000  1000        0 44 1 0 100 0\n"
      "   4: broken\n";
  const auto found = [&](std::uint32_t address, std::uint16_t port) {
    return blocking_sockets(tcp, {Protocol::tcp, {{address}, false}, port});
  };
  EXPECT_EQ(found(0x7F000001, 8080), std::vector<std::string>{"11"});
  EXPECT_EQ(found(0x7F000002, 8080), std::vector<std::string>{"22"});
  EXPECT_EQ(found(0x7F000003, 8080), std::vector<std::string>{});
  EXPECT_EQ(found(0x7F000003, 8081), std::vector<std::string>{"33"});
  EXPECT_EQ(found(0, 8080), (std::vector<std::string>{"11", "22"}));

  constexpr std::string_view tcp6 =
      "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 55 1\n"
      "   1: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 66 1\n";
  EXPECT_EQ(blocking_sockets(tcp6, {Protocol::tcp, {{}, true}, 8080}), std::vector<std::string>{"55"});
  EXPECT_EQ(blocking_sockets(tcp6, {Protocol::tcp, {{}, true}, 8082}), std::vector<std::string>{});
  EXPECT_EQ(blocking_sockets(tcp6, {Protocol::tcp, {localhost, false}, 8082}), std::vector<std::string>{"66"});
}

}  // namespace
}  // namespace skiff::net::test
