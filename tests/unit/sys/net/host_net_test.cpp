// SPDX-License-Identifier: Apache-2.0
#include "sys/net/host_net.h"

#include <gtest/gtest.h>

namespace skiff::sys {
namespace {

using Strings = std::vector<std::string>;

TEST(HostNet, NameServersThatMeanTheirHostAloneAreLeftOut) {
  const Resolver found = parse_resolver(
      "# made by hand\nnameserver fe80::1%eth0\nnameserver fe80::2\nnameserver 127.0.0.53\nnameserver ::1\n"
      "nameserver 0.0.0.0\nnameserver not-an-address\nnameserver\nnameserver 10.0.0.53\nnameserver 10.0.0.53\n"
      "nameserver 2001:db8::53\n");
  EXPECT_EQ(found.servers, (Strings{"10.0.0.53", "2001:db8::53"}));
}

TEST(HostNet, ThreeNameServersAreTaken) {
  const Resolver found = parse_resolver(
      "nameserver 127.0.0.1\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n");
  EXPECT_EQ(found.servers, (Strings{"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
}

TEST(HostNet, TheLastSearchOrDomainLineCounts) {
  EXPECT_EQ(parse_resolver("domain a.example\nsearch corp.example. example\n").search,
            (Strings{"corp.example", "example"}));
  EXPECT_EQ(parse_resolver("search corp.example\ndomain a.example\n").search, (Strings{"a.example"}));
  EXPECT_EQ(parse_resolver("search\tcorp.example corp.example . b/c\n").search, (Strings{"corp.example"}));
  EXPECT_EQ(parse_resolver("nameserver 10.0.0.53\noptions ndots:2\n").search, Strings());
}

TEST(HostNet, SearchDomainsKeepToWhatKubernetesTakes) {
  std::string many = "search";
  for (int i = 0; i < 40; ++i) many += " d" + std::to_string(i) + ".example";
  EXPECT_EQ(parse_resolver(many).search.size(), 29U);
  std::string longer = "search";
  for (int i = 0; i < 20; ++i) longer += " d" + std::to_string(i) + "." + std::string(200, 'x');
  std::size_t characters = 0;
  for (const auto& domain : parse_resolver(longer).search) characters += domain.size() + 1;
  EXPECT_GT(characters, 1000U);
  EXPECT_LE(characters, 1748U);
}

TEST(HostNet, UpstreamServersTakeThePlaceOfALocalStub) {
  const std::string upstream = "nameserver 10.0.0.53\nsearch up.example\n";
  EXPECT_EQ(choose_resolver("nameserver 127.0.0.53\nsearch corp.example\n", upstream),
            (Resolver{{"10.0.0.53"}, {"corp.example"}}));
  EXPECT_EQ(choose_resolver("nameserver 127.0.0.53\n", upstream), (Resolver{{"10.0.0.53"}, {"up.example"}}));
  EXPECT_EQ(choose_resolver("nameserver 10.0.0.1\n", upstream), (Resolver{{"10.0.0.1"}, {}}));
}

TEST(HostNet, MtuIsThatOfTheDefaultRoute) {
  const std::string table =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
      "wg0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
  const auto told = [&](int mtu) {
    return uplink_mtu(table, [&](const std::string& interface) { return interface == "wg0" ? mtu : 9; });
  };
  EXPECT_EQ(told(1420), 1420);
  EXPECT_EQ(told(9000), 1500) << "no longer packets than Ethernet's";
  EXPECT_EQ(told(0), 1500) << "not known";
  EXPECT_EQ(uplink_mtu("", [](const std::string&) { return 1; }), 1500) << "no default route";
}

}  // namespace
}  // namespace skiff::sys
