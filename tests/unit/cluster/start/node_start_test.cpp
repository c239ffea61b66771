// SPDX-License-Identifier: Apache-2.0
// Single nodes of a cluster that runs, on machines and an API in memory.
#include "cluster/start/node_start.h"

#include <gtest/gtest.h>

#include "cluster/nodes/node_stop.h"
#include "cluster/status.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;

class NodeStartTest : public fakes::LabWorld {
 protected:
  NodeStartTest() { EXPECT_TRUE(start_nodes(3).ok()); }

  Result<NodeStop> stop(const std::string& node) { return stop_one_node(ctx, home, "lab", node); }
  Result<NodeStarted> start(const std::string& node) {
    return start_one_node(ctx, home, {"lab", node, std::chrono::seconds(20)});
  }
  std::string told_of(const std::string& node) {
    const auto report = status(ctx, home, "lab");
    if (!report.ok()) return report.error().what;
    const auto found = std::ranges::find(report->nodes, node, &NodeStatus::name);
    return found->host + " " + found->kubelet;
  }
};

TEST_F(NodeStartTest, AWorkerStopsAndStartsWhileTheOthersGoOn) {
  const auto stopped = stop("w1");
  ASSERT_TRUE(stopped.ok()) << stopped.error().what;
  EXPECT_EQ(stopped->id.name, "lab-w1");
  EXPECT_TRUE(stopped->ran);
  EXPECT_EQ(state("lab-w1"), NodeState::stopped);
  EXPECT_EQ(state("lab-w2"), NodeState::running);
  EXPECT_EQ(told_of("lab-w1"), "Stopped Stopped");
  EXPECT_EQ(told_of("lab-w2"), "Running Ready");
  EXPECT_FALSE(stop("lab-w1")->ran) << "done already";

  const auto started = start("lab-w1");
  ASSERT_TRUE(started.ok()) << started.error().what;
  EXPECT_EQ(started->action, NodeAction::start);
  EXPECT_EQ(told_of("lab-w1"), "Running Ready");
  EXPECT_FALSE(home.store.unfinished("lab"));
  EXPECT_EQ(start("w1")->action, NodeAction::keep) << "done already";
}

TEST_F(NodeStartTest, OtherStoppedNodesStayAsTheyAre) {
  ASSERT_TRUE(stop("w1").ok());
  ASSERT_TRUE(stop("w2").ok());
  const auto started = start("w1");
  ASSERT_TRUE(started.ok()) << started.error().what;
  EXPECT_EQ(state("lab-w1"), NodeState::running);
  EXPECT_EQ(state("lab-w2"), NodeState::stopped);
}

TEST_F(NodeStartTest, WithoutItsControlPlaneNoWorkerStarts) {
  const auto stopped = stop("cp1");
  ASSERT_TRUE(stopped.ok()) << stopped.error().what;
  EXPECT_EQ(stopped->role, Role::control_plane);
  EXPECT_EQ(told_of("lab-cp1"), "Stopped Stopped");
  EXPECT_EQ(told_of("lab-w1"), "Running Unknown") << "nobody tells of its kubelet";
  ASSERT_TRUE(stop("w1").ok());
  EXPECT_EQ(start("w1").error().id, ErrorId::cluster_not_running);
  EXPECT_EQ(state("lab-w1"), NodeState::stopped);

  const auto started = start("cp1");
  ASSERT_TRUE(started.ok()) << started.error().what;
  EXPECT_EQ(told_of("lab-cp1"), "Running Ready");
  EXPECT_TRUE(start("w1").ok());
}

TEST_F(NodeStartTest, ANodeThatWasRemovedByHandIsMadeAnewWithTheImagesOfTheOthers) {
  world.provider.machines.at("lab-cp1").files["/images/docker.io/my/app:dev"] = "image";
  ASSERT_TRUE(stop("w2").ok());
  world.lose_machine("lab-w1");
  EXPECT_FALSE(stop("w1")->ran) << "gone is stopped";
  const auto started = start("w1");
  ASSERT_TRUE(started.ok()) << started.error().what;
  EXPECT_EQ(started->action, NodeAction::create);
  EXPECT_TRUE(world.provider.machines.at("lab-w1").files.contains("/images/docker.io/my/app:dev"));
}

TEST_F(NodeStartTest, MistakesAreNamed) {
  EXPECT_NE(stop("lab-w11").error().what.find("w11"), std::string::npos);
  EXPECT_EQ(stop("w9").error().id, ErrorId::node_not_found);
  EXPECT_EQ(start("w9").error().id, ErrorId::node_not_found);
  EXPECT_EQ(stop_one_node(ctx, home, "lob", "w1").error().id, ErrorId::profile_not_found);
  EXPECT_EQ(start_one_node(ctx, home, {"lob", "w1", {}}).error().id, ErrorId::profile_not_found);
}

TEST_F(NodeStartTest, ANodeThatDoesNotComeUpIsToldOfAndNothingElseHappens) {
  ASSERT_TRUE(stop("w1").ok());
  world.gate = [](const std::string& call) {
    return call == "driver ensure_node lab-w1" ? fakes::Verdict::refuse : fakes::Verdict::pass;
  };
  EXPECT_EQ(start("w1").error().id, ErrorId::docker_error);
  EXPECT_EQ(state("lab-w1"), NodeState::stopped);
  EXPECT_EQ(state("lab-w2"), NodeState::running);
  EXPECT_FALSE(home.store.unfinished("lab"));
}

}  // namespace
}  // namespace skiff::cluster
