// SPDX-License-Identifier: Apache-2.0
#include "net/local_address.h"

#include <gtest/gtest.h>

#include "net/listen.h"

namespace skiff::net::test {
namespace {

constexpr LocalPort http{Protocol::tcp, 80};
constexpr LocalPort https{Protocol::tcp, 443};
constexpr LocalPort dns{Protocol::udp, 53};
constexpr LocalPort dns_tcp{Protocol::tcp, 53};

Ipv4 local(std::uint32_t last) { return {0x7F000000 + last}; }

bool nothing_taken(const ListenPoint&) { return false; }

LocalAllocation allocate(const std::vector<LocalService>& services, const LocalAddresses& previous = {},
                         const Taken& taken = nothing_taken) {
  return allocate_local_addresses(services, previous, taken);
}

TEST(LocalAddress, ServicesShareTheFirstAddressWhileTheirPortsDiffer) {
  const auto got = allocate({{"a", {http}, {}}, {"b", {https}, {}}, {"c", {dns}, {}}, {"d", {dns_tcp}, {}}});
  EXPECT_EQ(got.addresses, (LocalAddresses{{"a", local(1)}, {"b", local(1)}, {"c", local(1)}, {"d", local(1)}}));
  EXPECT_TRUE(got.refused.empty());
}

TEST(LocalAddress, AClashGoesToTheNextAddressWithAllPorts) {
  const auto got = allocate({{"a", {http}, {}}, {"b", {https, http}, {}}, {"c", {http}, {}}, {"d", {https}, {}}});
  EXPECT_EQ(got.addresses, (LocalAddresses{{"a", local(1)}, {"b", local(2)}, {"c", local(3)}, {"d", local(1)}}));
}

TEST(LocalAddress, APortThatAnotherProgramHasIsAvoided) {
  const Taken taken = [](const ListenPoint& point) { return point.address.v4 == local(1) && point.port == 80; };
  EXPECT_EQ(allocate({{"a", {http, https}, {}}, {"b", {https}, {}}}, {}, taken).addresses,
            (LocalAddresses{{"a", local(2)}, {"b", local(1)}}));
}

TEST(LocalAddress, EachKeepsItsAddressOverRuns) {
  const std::vector<LocalService> services = {{"a", {http}, {}}, {"b", {http}, {}}, {"c", {http}, {}}};
  const auto first = allocate(services);
  EXPECT_EQ(allocate({services[2], services[1], services[0]}, first.addresses).addresses, first.addresses);
  EXPECT_EQ(allocate({services[2], services[1]}, first.addresses).addresses,
            (LocalAddresses{{"b", local(2)}, {"c", local(3)}}));
  const auto more = allocate({{"0", {http}, {}}, services[0], services[1], services[2]}, first.addresses);
  EXPECT_EQ(more.addresses.at("0"), local(4));
}

TEST(LocalAddress, LeavesAPreviousAddressThatIsTakenNow) {
  const Taken taken = [](const ListenPoint& point) { return point.address.v4 == local(2); };
  EXPECT_EQ(allocate({{"a", {http}, {}}}, {{"a", local(2)}}, taken).addresses.at("a"), local(1));
}

TEST(LocalAddress, IgnoresAPreviousAddressThatIsNotLocal) {
  EXPECT_EQ(allocate({{"a", {http}, {}}}, {{"a", Ipv4{0x0A000001}}}).addresses.at("a"), local(1));
}

TEST(LocalAddress, AWantedAddressIsGivenBeforeOthersChoose) {
  const auto got = allocate({{"a", {http}, {}}, {"b", {http}, local(1)}});
  EXPECT_EQ(got.addresses, (LocalAddresses{{"a", local(2)}, {"b", local(1)}}));
}

TEST(LocalAddress, AWantedAddressReplacesThePreviousOne) {
  EXPECT_EQ(allocate({{"a", {http}, local(77)}}, {{"a", local(1)}}).addresses.at("a"), local(77));
}

TEST(LocalAddress, AWantedAddressThatCannotBeIsRefusedWithTheReason) {
  const Taken taken = [](const ListenPoint& point) { return point.address.v4 == local(9); };
  const auto got = allocate({{"runs", {http}, {}},
                             {"asks", {https, http}, local(1)},
                             {"late", {http}, local(9)},
                             {"far", {http}, Ipv4{0x0A000001}}},
                            {{"runs", local(1)}}, taken);
  EXPECT_EQ(got.addresses, (LocalAddresses{{"runs", local(1)}}));
  EXPECT_EQ(got.refused, (std::map<std::string, std::string>{{"asks", "127.0.0.1:80/tcp belongs to service runs"},
                                                             {"late", "127.0.0.9:80/tcp is taken by another program"},
                                                             {"far", "10.0.0.1 is not in 127.0.0.0/8"}}));
}

TEST(LocalAddress, SaysWhenNoAddressIsLeft) {
  const auto got = allocate({{"a", {http}, {}}}, {}, [](const ListenPoint&) { return true; });
  EXPECT_TRUE(got.addresses.empty());
  EXPECT_NE(got.refused.at("a").find("127.0.0.254"), std::string::npos);
}

TEST(LocalAddress, LocalhostIsListenedOnUnderBothOfItsAddresses) {
  const auto points = listen_points(localhost, {Protocol::tcp, 80});
  ASSERT_FALSE(points.empty());
  EXPECT_EQ(to_string(points[0]), "127.0.0.1:80/tcp");
  EXPECT_EQ(to_string(points.back()), points.size() > 1 ? "[::1]:80/tcp" : "127.0.0.1:80/tcp");
  EXPECT_EQ(points.size() > 1, bind_socket({Protocol::tcp, {{}, true}, 0}).ok()) << "whether the host has ::1";
  EXPECT_EQ(listen_points(*parse_ipv4("127.0.0.2"), {Protocol::udp, 53}).size(), 1U);
}

}  // namespace
}  // namespace skiff::net::test
