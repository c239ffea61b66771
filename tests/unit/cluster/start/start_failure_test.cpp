// SPDX-License-Identifier: Apache-2.0
// What a start leaves that does not end well: nothing, unless it was asked to.
#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "cluster/start/start.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::kubeconfig_of_others;
using fakes::Verdict;
using fakes::words;

class StartFailureTest : public fakes::LabWorld {
 protected:
  StartFailureTest() { temporary.write_kubeconfig(kubeconfig_of_others); }
};

TEST_F(StartFailureTest, AFailureSaysWhereAndTakesEverythingBack) {
  world.gate = [](const std::string& call) {
    return call == "driver ensure_node lab-w1" ? Verdict::refuse : Verdict::pass;
  };
  const auto report = start_nodes(2);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().id, ErrorId::docker_error);
  EXPECT_NE(words(report.error()).find("while starting lab-w1"), std::string::npos) << words(report.error());
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_TRUE(world.volumes.empty());
  EXPECT_TRUE(world.provider.networks.empty());
  EXPECT_TRUE(home.store.names().empty());
  EXPECT_EQ(temporary.kubeconfig_text(), kubeconfig_of_others);
}

TEST_F(StartFailureTest, AnInterruptAmidItsAddonsTakesEverythingBack) {
  std::stop_source stop;
  ctx.stop = stop.get_token();
  world.gate = [&](const std::string& call) {
    if (call.starts_with("PATCH ") && call.ends_with("/daemonsets/storage")) stop.request_stop();
    return Verdict::pass;
  };
  EXPECT_EQ(start().error().id, ErrorId::interrupted);
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_TRUE(home.store.names().empty());
  EXPECT_EQ(temporary.kubeconfig_text(), kubeconfig_of_others);
}

TEST_F(StartFailureTest, ADiskThatIsFullAtTheEndLeavesTheKubeconfigAlone) {
  ASSERT_TRUE(sys::make_folders(temporary.home()).ok());
  world.gate = [&](const std::string& call) {
    // The last call before the profile is saved; its folder cannot be written from here on.
    if (call == "driver open lab-cp1") {
      std::filesystem::remove_all(home.store.folder("lab"));
      std::ofstream(home.store.folder("lab")) << "no folder";
    }
    return Verdict::pass;
  };
  EXPECT_FALSE(start().ok());
  EXPECT_EQ(temporary.kubeconfig_text(), kubeconfig_of_others);
  EXPECT_TRUE(world.volumes.empty());
}

TEST_F(StartFailureTest, AFailureIsLeftToLookAtWhenAsked) {
  world.gate = [](const std::string& call) { return call == "GET /api/v1/nodes" ? Verdict::refuse : Verdict::pass; };
  StartRequest request;
  request.nodes = 2;
  request.keep_on_failure = true;
  EXPECT_EQ(start(request).error().id, ErrorId::kube_error);
  EXPECT_TRUE(world.provider.machines.contains("lab-w1"));
  world.gate = nullptr;
  EXPECT_TRUE(start().ok());
}

TEST_F(StartFailureTest, ACertificateOfAnotherAuthorityIsNoCluster) {
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  ASSERT_TRUE(sys::remove_tree(home.store.folder("lab") + "/pki").ok());
  EXPECT_EQ(start().error().id, ErrorId::kubeconfig_conflict) << "nothing tells any more that the entry is ours";
  temporary.write_kubeconfig(kubeconfig_of_others);
  ASSERT_TRUE(start().ok()) << "new authorities go into every node's tree";
}

}  // namespace
}  // namespace skiff::cluster
