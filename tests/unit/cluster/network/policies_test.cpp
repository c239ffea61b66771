// SPDX-License-Identifier: Apache-2.0
#include "cluster/network/policies.h"

#include <gtest/gtest.h>

#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"
#include "tests/fakes/warnings.h"

namespace skiff::cluster {
namespace {

TEST(Policies, AServiceThatEnforcesThemHasNothingToTell) {
  EXPECT_FALSE(why_not_enforced("enforced\n"));
  EXPECT_EQ(why_not_enforced("the kernel has no queue\n"), "the kernel has no queue");
}

TEST(Policies, AKernelAsksByEitherWay) {
  const std::string queue = "CONFIG_NETFILTER_NETLINK_QUEUE=y\n";
  EXPECT_TRUE(asks_about_packets(queue + "CONFIG_NFT_QUEUE=m\n"));
  EXPECT_TRUE(asks_about_packets(queue + "# CONFIG_NFT_QUEUE is not set\nCONFIG_NFT_COMPAT=y\n"
                                         "CONFIG_NETFILTER_XT_TARGET_NFQUEUE=m\n"));
  EXPECT_FALSE(asks_about_packets("CONFIG_NFT_QUEUE=m\n"));
  EXPECT_FALSE(asks_about_packets(queue + "# CONFIG_NFT_QUEUE is not set\nCONFIG_NFT_COMPAT=y\n"));
}

class PoliciesOfNodes : public testing::Test {
 protected:
  PoliciesOfNodes() {
    cluster.spec.profile = "lab";
    auto& node = driver->machines["lab-cp1"].node;
    node.id = cluster.node("lab-cp1");
    node.state = drivers::NodeState::running;
    driver->command = [this](const auto&, const drivers::ExecRequest& request) -> std::optional<int> {
      ++asked;
      request.out(told);
      return 0;
    };
  }
  std::vector<std::string> warnings_of(NodeAction action) {
    const std::vector<PlannedNode> plan = {{{"lab-cp1", Role::control_plane}, action}};
    EXPECT_TRUE(warn_of_policies({{}, Deadline::never(), &events}, cluster, plan).ok());
    return events.texts;
  }

  std::shared_ptr<fakes::FakeDriver> driver = std::make_shared<fakes::FakeDriver>();
  Cluster cluster{{}, driver};
  fakes::Warnings events;
  std::string told = "the kernel has no queue\n";
  int asked = 0;
};

TEST_F(PoliciesOfNodes, WhyTheyAreNotEnforcedIsToldOnceOfNodesThatStart) {
  EXPECT_TRUE(warnings_of(NodeAction::keep).empty());
  EXPECT_EQ(
      warnings_of(NodeAction::create),
      std::vector<std::string>{"NetworkPolicies are taken by the API, and not enforced: the kernel has no queue"});
}

TEST_F(PoliciesOfNodes, ThoseOfABroughtNetworkAreNotAskedFor) {
  cluster.spec.pod_network.kind = PodNetwork::Kind::conflist;
  EXPECT_TRUE(warnings_of(NodeAction::create).empty());
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace skiff::cluster
