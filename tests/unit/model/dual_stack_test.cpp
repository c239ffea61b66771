// SPDX-License-Identifier: Apache-2.0
#include "model/dual_stack.h"

#include <gtest/gtest.h>

#include "model/cluster_spec.h"

namespace skiff {
namespace {

TEST(DualStack, AddressesFollowFromTheOtherFamilys) {
  const Cidr nodes = parse_cidr("192.168.80.0/24").value();
  const Cidr pods = parse_cidr("10.244.0.0/16").value();
  EXPECT_EQ(nodes_range6(nodes), "fd73:6b69:c0a8:5000::/64");
  EXPECT_EQ(node_address6(nodes, parse_ipv4("192.168.80.11").value()), "fd73:6b69:c0a8:5000::b");
  EXPECT_EQ(pod_range6(pods), "fd73:6b69:af4::/48");
  EXPECT_EQ(pod_cidr6(pods, parse_cidr("10.244.11.0/24").value()), "fd73:6b69:af4:b00::/64");
  EXPECT_EQ(service_range6(parse_cidr("10.96.0.0/12").value()), "fd73:6b69:a60:ffff::/112");
}

TEST(DualStack, NodesHaveThemWhereTheClusterHasBoth) {
  ClusterSpec spec;
  spec.profile = "lab";
  const PlacedSpec one(spec, parse_cidr("192.168.80.0/24").value());
  EXPECT_EQ(nodes_of(one).front().address6, "");
  spec.dual_stack = true;
  const PlacedSpec both(spec, one.node_subnet);
  EXPECT_EQ(nodes_of(both).front().address6, "fd73:6b69:c0a8:5000::2");
  EXPECT_EQ(nodes_of(both).front().pod_cidr6, "fd73:6b69:af4:200::/64");
}

}  // namespace
}  // namespace skiff
