// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/subnets.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace skiff::drivers {
namespace {

Cidr range(std::string_view text) { return parse_cidr(text).value(); }

TEST(Subnets, TheFirstCandidateIsAlwaysTheSame) {
  const auto free = free_subnets({}, {}, {});
  ASSERT_TRUE(free.ok());
  EXPECT_EQ(free->front(), range("192.168.80.0/24"));
}

TEST(Subnets, TakenRangesAreLeftOut) {
  const std::vector taken{range("192.168.80.0/24"), range("192.168.64.0/19"), range("172.16.0.0/12")};
  const auto free = free_subnets({}, {}, taken);
  ASSERT_TRUE(free.ok());
  EXPECT_EQ(free->front(), range("192.168.96.0/24"));
  for (const auto& each : *free) {
    EXPECT_EQ(each.bits, 24);
    for (const auto& other : taken) EXPECT_FALSE(each.overlaps(other)) << to_string(each);
  }
}

TEST(Subnets, OwnPodAndServiceRangesAreLeftOut) {
  ClusterSpec spec;
  spec.pod_range = range("192.168.0.0/16");
  spec.service_range = range("172.30.0.0/16");
  const auto free = free_subnets(spec, {}, {});
  ASSERT_TRUE(free.ok());
  EXPECT_EQ(free->front(), range("10.88.0.0/24"));
}

TEST(Subnets, RoutesOfAVpnForEverythingClaimNothing) {
  const std::vector taken{range("0.0.0.0/1"), range("128.0.0.0/1")};
  EXPECT_TRUE(free_subnets({}, {}, taken).ok());
}

TEST(Subnets, WantedRangeIsTheOnlyOne) {
  const auto free = free_subnets({}, range("10.1.2.0/24"), {});
  ASSERT_TRUE(free.ok());
  EXPECT_EQ(*free, std::vector{range("10.1.2.0/24")});
  const std::vector taken{range("10.1.0.0/16")};
  const auto refused = free_subnets({}, range("10.1.2.0/24"), taken);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::subnet_conflict);
  EXPECT_NE(refused.error().what.find("10.1.2.0/24"), std::string::npos);
}

TEST(Subnets, InnerRangesThatWereChosenMayNotBeInUse) {
  const std::vector taken{range("10.0.0.0/8"), range("0.0.0.0/1")};
  EXPECT_TRUE(check_inner_ranges({}, taken).ok()) << "nobody has asked for the usual ones";
  ClusterSpec spec;
  spec.service_range = range("10.1.0.0/16");
  EXPECT_TRUE(check_inner_ranges(spec, std::vector{range("172.16.0.0/12")}).ok());
  const auto services = check_inner_ranges(spec, taken);
  ASSERT_FALSE(services.ok());
  EXPECT_EQ(services.error().id, ErrorId::subnet_conflict);
  EXPECT_NE(services.error().what.find("10.0.0.0/8"), std::string::npos) << services.error().what;
  spec.service_range = ClusterSpec().service_range;
  spec.pod_range = range("10.1.0.0/16");
  EXPECT_NE(check_inner_ranges(spec, taken).error().advice.find("--pod-cidr"), std::string::npos);
}

TEST(Subnets, NothingFreeIsAConflict) {
  const std::vector taken{range("10.0.0.0/8"), range("172.16.0.0/12"), range("192.168.0.0/16")};
  const auto free = free_subnets({}, {}, taken);
  ASSERT_FALSE(free.ok());
  EXPECT_EQ(free.error().id, ErrorId::subnet_conflict);
}

TEST(Subnets, TextsThatAreNoRangesAreSkipped) {
  const std::vector<std::string> texts{"10.0.0.0/8", "fe80::/64", ""};
  EXPECT_EQ(ranges_of(texts), std::vector{range("10.0.0.0/8")});
}

}  // namespace
}  // namespace skiff::drivers
