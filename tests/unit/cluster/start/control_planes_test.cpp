// SPDX-License-Identifier: Apache-2.0
// Several control planes, on machines and an API in memory.
#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/nodes/node_removal.h"
#include "cluster/nodes/node_stop.h"
#include "cluster/start/node_start.h"
#include "cluster/status.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;

class SeveralControlPlanesTest : public fakes::LabWorld {
 protected:
  Result<StartReport> start_control_planes(int count) {
    StartRequest request;
    request.control_planes = count;
    return start(request);
  }
  std::string env_of(const std::string& node) { return world.provider.machines.at(node).files["/etc/skiff/node.env"]; }
  bool leads_to_shared_address(const std::string& node) { return env_of(node).find(".254:6443'") != std::string::npos; }
  Result<drivers::NodeId> remove(const std::string& node) { return remove_node(ctx, home, {"lab", node}); }
};

TEST_F(SeveralControlPlanesTest, AGrowingClusterLeadsItsNodesToTheSharedAddress) {
  ASSERT_TRUE(start_nodes(2).ok());
  EXPECT_FALSE(leads_to_shared_address("lab-w1"));
  const auto grown = start_control_planes(3);
  ASSERT_TRUE(grown.ok()) << fakes::words(grown.error());
  EXPECT_EQ(node_count(grown->spec), 4);
  for (const auto* node : {"lab-cp1", "lab-cp2", "lab-cp3", "lab-w1"}) {
    EXPECT_TRUE(leads_to_shared_address(node)) << node;
    EXPECT_EQ(state(node), NodeState::running) << node;
  }
  EXPECT_NE(env_of("lab-cp1").find("ETCD_FOUNDER='yes'"), std::string::npos);
  EXPECT_TRUE(home.store.get("lab")->shared_api);
  const auto report = status(ctx, home, "lab").value();
  EXPECT_EQ(report.nodes[2].api_server + report.nodes[2].etcd, "RunningRunning");
  EXPECT_EQ(report.nodes[3].api_server, "") << "a worker has none";

  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(stop_one_node(ctx, home, "lab", "cp1").ok());
  ASSERT_TRUE(start_one_node(ctx, home, {"lab", "cp1", std::chrono::seconds(20)}).ok());
  EXPECT_NE(env_of("lab-cp1").find("ETCD_FOUNDER='no'"), std::string::npos);
}

TEST_F(SeveralControlPlanesTest, AGrowthThatFailsLeadsThemBack) {
  ASSERT_TRUE(start_nodes(2).ok());
  world.gate = [](const std::string& call) {
    return call == "driver ensure_node lab-cp3" ? fakes::Verdict::refuse : fakes::Verdict::pass;
  };
  EXPECT_FALSE(start_control_planes(3).ok());
  world.gate = {};
  EXPECT_EQ(world.provider.machines.size(), 2U);
  for (const auto* node : {"lab-cp1", "lab-w1"}) EXPECT_FALSE(leads_to_shared_address(node)) << node;
  EXPECT_EQ(control_plane_count(home.store.get("lab").value()), 1);
}

TEST_F(SeveralControlPlanesTest, ANodeThatSleepsHasToWakeFirst) {
  ASSERT_TRUE(start_nodes(2).ok());
  world.provider.machines.at("lab-w1").node.state = NodeState::paused;
  const auto grown = start_control_planes(3);
  ASSERT_FALSE(grown.ok());
  EXPECT_EQ(grown.error().id, ErrorId::unsupported);
  EXPECT_NE(grown.error().what.find("lab-w1 sleeps"), std::string::npos);
}

TEST_F(SeveralControlPlanesTest, AnyOfThemLeavesDownToTheLast) {
  ASSERT_TRUE(start_control_planes(3).ok());
  const auto first = remove("cp1");
  ASSERT_TRUE(first.ok()) << fakes::words(first.error());
  EXPECT_FALSE(world.provider.machines.contains("lab-cp1"));
  ASSERT_TRUE(remove("cp3").ok());
  EXPECT_EQ(remove("cp2").error().id, ErrorId::unsupported);
  const auto left = home.store.get("lab").value();
  EXPECT_TRUE(shares_api(left)) << "whoever knows the address goes on";
  EXPECT_TRUE(start().ok());
}

TEST_F(SeveralControlPlanesTest, WithoutAMajorityStatusSaysWhatToDo) {
  ASSERT_TRUE(start_control_planes(3).ok());
  EXPECT_TRUE(stop_one_node(ctx, home, "lab", "cp1")->api_is_left);
  EXPECT_EQ(remove("cp2").error().id, ErrorId::quorum_at_risk);
  EXPECT_FALSE(stop_one_node(ctx, home, "lab", "cp2")->api_is_left);
  const auto report = status(ctx, home, "lab").value();
  EXPECT_NE(report.trouble.find("Only 1 of 3"), std::string::npos);
  EXPECT_NE(report.exit_code(), 0);
  ASSERT_TRUE(stop_one_node(ctx, home, "lab", "cp3").ok());
  const auto alone = start_one_node(ctx, home, {"lab", "cp1", std::chrono::seconds(20)});
  EXPECT_EQ(alone.error().id, ErrorId::cluster_not_running) << "it would wait for the others";
  EXPECT_EQ(remove("cp1").error().id, ErrorId::cluster_not_running);
}

TEST_F(SeveralControlPlanesTest, ANodeImageOfBeforeCannotHaveThem) {
  ASSERT_TRUE(start_nodes(1).ok());
  world.provider.tree_formats[home.store.get("lab").value().node_image] = 1;
  EXPECT_TRUE(start().ok()) << "one control plane goes on";
  EXPECT_EQ(start_control_planes(3).error().id, ErrorId::image_unsupported);
  EXPECT_EQ(control_plane_count(home.store.get("lab").value()), 1);
}

}  // namespace
}  // namespace skiff::cluster
