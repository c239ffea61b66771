// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/control_planes.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

using drivers::NodeState;

ClusterSpec lab(int control_planes) {
  ClusterSpec spec;
  spec.profile = "lab";
  grow_control_planes(spec, control_planes);
  spec.shared_api = control_planes > 1;
  return spec;
}

// The first so many of them run.
std::vector<drivers::ObservedNode> seen(const ClusterSpec& spec, int running) {
  std::vector<drivers::ObservedNode> nodes;
  for (const auto& node : names_of(spec)) {
    const bool runs = static_cast<int>(nodes.size()) < running;
    nodes.push_back({{{"lab", ""}, node.name}, node.role, runs ? NodeState::running : NodeState::stopped, {}, ""});
  }
  return nodes;
}

std::string refusal(int control_planes, int running, const std::string& leaving) {
  const auto spec = lab(control_planes);
  const auto checked = check_departure(spec, seen(spec, running), leaving);
  return checked.ok() ? "" : std::string(info(checked.error().id).name);
}

TEST(ControlPlanes, OneLeavesWhenTheOthersThatRunAreTheMajority) {
  EXPECT_EQ(refusal(3, 3, "lab-cp1"), "");
  EXPECT_EQ(refusal(3, 2, "lab-cp3"), "") << "one that does not run is best missed";
  EXPECT_EQ(refusal(3, 2, "lab-cp1"), "QUORUM_AT_RISK") << "one of two would be left";
  EXPECT_EQ(refusal(3, 1, "lab-cp3"), "QUORUM_AT_RISK") << "they cannot agree on anything now";
  EXPECT_EQ(refusal(2, 2, "lab-cp1"), "");
  EXPECT_EQ(refusal(2, 1, "lab-cp2"), "QUORUM_AT_RISK");
  EXPECT_EQ(refusal(3, 0, "lab-cp1"), "CLUSTER_NOT_RUNNING");
  EXPECT_EQ(refusal(1, 1, "lab-cp1"), "UNSUPPORTED");
  EXPECT_EQ(refusal(5, 3, "lab-cp5"), "");
  EXPECT_EQ(refusal(5, 3, "lab-cp1"), "QUORUM_AT_RISK");
}

TEST(ControlPlanes, TheAdviceNamesThoseToStart) {
  const auto spec = lab(3);
  const auto checked = check_departure(spec, seen(spec, 2), "lab-cp1");
  EXPECT_NE(checked.error().advice.find("lab-cp3"), std::string::npos) << checked.error().advice;
}

}  // namespace
}  // namespace skiff::cluster
