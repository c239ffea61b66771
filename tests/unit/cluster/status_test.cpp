// SPDX-License-Identifier: Apache-2.0
#include "cluster/status.h"

#include <gtest/gtest.h>

#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;

ClusterStatus well() {
  return {"lab",
          "docker",
          "v1",
          "Running",
          "Configured",
          {{"lab-cp1", Role::control_plane, "Running", "Ready", {}}, {"lab-w1", Role::worker, "Running", "Ready", {}}}};
}

TEST(StatusCode, IsZeroOnlyWhenAllIsWell) { EXPECT_EQ(well().exit_code(), 0); }

TEST(StatusCode, HasABitForEachKindOfTrouble) {
  const auto code = [](const std::function<void(ClusterStatus&)>& change) {
    ClusterStatus status = well();
    change(status);
    return status.exit_code();
  };
  EXPECT_EQ(code([](auto& s) { s.nodes[1].kubelet = "NotReady"; }), 8);
  EXPECT_EQ(code([](auto& s) { s.nodes[1].kubelet = "Missing"; }), 8);
  EXPECT_EQ(code([](auto& s) { s.kubeconfig = "Misconfigured"; }), 4);
  for (const auto* host : {"Stopped", "Paused", "Saved", "Broken", "Nonexistent"}) {
    EXPECT_EQ(code([&](auto& s) {
                s.nodes[1].host = host;
                s.nodes[1].kubelet = "Stopped";
              }),
              1)
        << host;
  }
  EXPECT_EQ(code([](auto& s) { s.api_server = "Error"; }), 2 | 4);
  EXPECT_EQ(code([](auto& s) {
              for (auto& node : s.nodes) node.host = node.kubelet = "Paused";
              s.api_server = "Paused";
            }),
            1 | 2 | 4);
}

TEST(StatusCode, SaysNothingOfWhatIsUnknown) {
  ClusterStatus status = well();
  status.api_server = "Unknown";
  for (auto& node : status.nodes) node.kubelet = "Unknown";
  EXPECT_EQ(status.exit_code(), 16);
  for (auto& node : status.nodes) node.host = "Unknown";
  status.kubeconfig = "Unknown";
  EXPECT_EQ(status.exit_code(), 16);
}

class StatusTest : public testing::Test {
 protected:
  StatusTest() {
    EXPECT_TRUE(fakes::save_lab(home, 2).ok());
    all_are(NodeState::stopped);
  }

  void all_are(NodeState state) {
    machines["lab-cp1"].node = {{{"lab", ""}, "lab-cp1"}, Role::control_plane, state, {}, "", "127.0.0.1:1"};
    machines["lab-w1"].node = {{{"lab", ""}, "lab-w1"}, Role::worker, state, {}, "", ""};
  }

  fakes::TemporaryHome temporary;
  std::map<std::string, fakes::FakeDriver::Machine> machines;
  Result<void> answer;  // of the driver
  Home home = fakes::home_of_fakes(temporary.home(), [this](fakes::FakeDriver& driver) {
    driver.machines = machines;
    driver.before = [this](std::string_view, std::string_view) { return answer; };
  });
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(StatusTest, OfAPausedClusterSaysSo) {
  all_are(NodeState::paused);
  const auto report = status(ctx, home, "lab");
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->api_server, "Paused");
  for (const auto& node : report->nodes) EXPECT_EQ(node.host + " " + node.kubelet, "Paused Paused");
  EXPECT_EQ(report->kubeconfig, "Misconfigured");
  EXPECT_EQ(report->exit_code(), 7);
  EXPECT_EQ(list_profiles(ctx, home)->front().state, "Paused");
}

TEST_F(StatusTest, WithoutKubernetesNodesThatRunAreAllThatIsAskedFor) {
  ClusterSpec spec = *home.store.get("lab");
  spec.no_kubernetes = true;
  ASSERT_TRUE(home.store.save(spec).ok());
  all_are(NodeState::running);
  const auto report = status(ctx, home, "lab");
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->exit_code(), 0);
  EXPECT_EQ(report->kubernetes_version, "none");
  EXPECT_EQ(report->api_server + report->kubeconfig + report->nodes.front().kubelet, "IrrelevantIrrelevantIrrelevant");
  EXPECT_EQ(list_profiles(ctx, home)->front().kubernetes_version, "none");
  all_are(NodeState::stopped);
  EXPECT_EQ(status(ctx, home, "lab")->exit_code(), 1);
  const auto access = api_access(home, spec, {});
  ASSERT_FALSE(access.ok());
  EXPECT_EQ(access.error().id, ErrorId::unsupported);
}

TEST_F(StatusTest, OfAStoppedClusterHasMinikubesCode) {
  const auto report = status(ctx, home, "lab");
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->api_server, "Stopped");
  EXPECT_EQ(report->exit_code(), 7);
  EXPECT_EQ(list_profiles(ctx, home)->front().state, "Stopped");
}

TEST_F(StatusTest, ADriverThatDoesNotAnswerInTimeLeavesAllUnknown) {
  answer = make_error(ErrorId::timeout, "The time limit was reached");
  const auto report = status(ctx, home, "lab");
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->nodes.at(1).host, "Unknown");
  EXPECT_EQ(report->api_server, "Unknown");
  EXPECT_EQ(report->exit_code(), 16);
  const auto profiles = list_profiles(ctx, home);
  EXPECT_EQ(profiles->front().state, "Unknown");
  EXPECT_NE(profiles->front().problem.find("in time"), std::string::npos);
}

TEST_F(StatusTest, ADriverThatRefusesIsAnError) {
  answer = make_error(ErrorId::docker_not_running, "No Docker");
  EXPECT_EQ(status(ctx, home, "lab").error().id, ErrorId::docker_not_running);
}

TEST_F(StatusTest, AnApiThatCannotBeReachedIsStoppedAndItsNodesUnknown) {
  all_are(NodeState::running);
  const auto report = status(ctx, home, "lab");
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->api_server, "Stopped");
  EXPECT_EQ(report->nodes.at(1).kubelet, "Unknown");
  EXPECT_EQ(report->exit_code(), 2 | 4 | 16);
}

}  // namespace
}  // namespace skiff::cluster
