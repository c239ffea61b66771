// SPDX-License-Identifier: Apache-2.0
// A cluster in memory goes to another version of Kubernetes.
#include "cluster/start/upgrade.h"

#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "cluster/own_image.h"
#include "model/versions.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

class UpgradeTest : public fakes::LabWorld {
 protected:
  Result<StartReport> start_with(const std::string& kubernetes, int nodes = 3) {
    StartRequest request;
    request.nodes = nodes;
    request.kubernetes_version = kubernetes;
    return start(request);
  }
  std::string version(const std::string& node) {
    return version_of_image(world.provider.machines.at(node).node.image).value_or("");
  }
  bool closed(const std::string& node) {
    return world.kubernetes("lab")->with([&](fakes::ObjectStore& store) {
      return bool_at(*store.get({"/api/v1", "nodes", "", node}), "spec.unschedulable");
    });
  }
  int calls(const std::string& call) { return static_cast<int>(std::ranges::count(world.provider.calls, call)); }
};

TEST_F(UpgradeTest, NodesThatRunGoOneAfterTheOtherAndTheControlPlaneFirst) {
  const auto first = start_with("1.36");
  ASSERT_TRUE(first.ok()) << fakes::words(first.error());
  EXPECT_EQ(version("lab-cp1"), "v1.36.3");
  world.provider.calls.clear();

  const auto next = start_with("1.37");
  ASSERT_TRUE(next.ok()) << fakes::words(next.error());
  EXPECT_EQ(next->plan[0].action, NodeAction::upgrade);
  for (const auto* node : {"lab-cp1", "lab-w1", "lab-w2"}) {
    EXPECT_EQ(version(node), versions::kubernetes) << node;
    EXPECT_FALSE(closed(node)) << node;
    EXPECT_EQ(calls(std::string("stop_node ") + node), 1) << node;
  }
  std::vector<std::string> order;
  for (const auto& call : world.provider.calls) {
    if (call.starts_with("stop_node")) order.push_back(call);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"stop_node lab-cp1", "stop_node lab-w1", "stop_node lab-w2"}));
  EXPECT_EQ(home.store.find("lab").value()->kubernetes_version, versions::kubernetes);

  world.provider.calls.clear();
  ASSERT_TRUE(start_nodes(3).ok());
  EXPECT_EQ(calls("stop_node lab-cp1"), 0) << "done already";
}

TEST_F(UpgradeTest, AStoppedClusterStartsWithTheNewOne) {
  ASSERT_TRUE(start_with("1.36").ok());
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  ASSERT_TRUE(start_nodes(3).ok());
  EXPECT_EQ(version("lab-w1"), "v1.36.3") << "unasked it stays what it was";
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  ASSERT_TRUE(start_with("1.37").ok());
  EXPECT_EQ(version("lab-w1"), versions::kubernetes);
}

TEST_F(UpgradeTest, OneThatWasInterruptedGoesOn) {
  ASSERT_TRUE(start_with("1.36").ok());
  world.provider.before = [](std::string_view method, std::string_view subject) -> Result<void> {
    if (method == "stop_node" && subject == "lab-w1") return make_error(ErrorId::host_error, "no power");
    return {};
  };
  const auto failed = start_with("1.37");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(version("lab-cp1"), versions::kubernetes) << "there is no way back";
  EXPECT_EQ(version("lab-w1"), "v1.36.3");
  EXPECT_FALSE(closed("lab-w1")) << "pods may come back";
  EXPECT_EQ(home.store.find("lab").value()->kubernetes_version, versions::kubernetes);

  world.provider.before = {};
  const auto again = start_nodes(3);
  ASSERT_TRUE(again.ok()) << fakes::words(again.error());
  EXPECT_EQ(version("lab-w2"), versions::kubernetes);
}

TEST_F(UpgradeTest, NodesThatSleepAreLeftAlone) {
  ASSERT_TRUE(start_with("1.36").ok());
  ASSERT_TRUE(pause(ctx, home, "lab").ok());
  EXPECT_EQ(start_with("1.37").error().id, ErrorId::unsupported);
  EXPECT_EQ(version("lab-cp1"), "v1.36.3");
  EXPECT_EQ(home.store.find("lab").value()->kubernetes_version, "v1.36.3");
}

}  // namespace
}  // namespace skiff::cluster
