// SPDX-License-Identifier: Apache-2.0
// Clusters whose user brings the network, on machines and an API in memory.
#include "cluster/network/pod_network.h"

#include <gtest/gtest.h>

#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::ObjectStore;
using fakes::words;

class PodNetworkTest : public fakes::LabWorld {
 protected:
  PodNetworkTest() {
    world.provider.command = [this](const auto&, const drivers::ExecRequest& request) -> std::optional<int> {
      if (request.argv.front() != "ls") return std::nullopt;
      request.out(configurations);
      return 0;
    };
  }
  Result<StartReport> start_with(const std::string& cni, const std::string& content = {}) {
    StartRequest request;
    request.cni = cni;
    request.cni_content = content;
    return start(request);
  }
  bool there(const fakes::ObjectKey& key) {
    return world.kubernetes("lab")->with([&](ObjectStore& store) { return store.get(key) != nullptr; });
  }

  std::string configurations;  // that a node has
  const fakes::ObjectKey storage{"/apis/storage.k8s.io/v1", "storageclasses", "", "standard"};
  const fakes::ObjectKey policies{"/apis/rbac.authorization.k8s.io/v1", "clusterroles", "", "skiff:network-policy"};
};

TEST_F(PodNetworkTest, WithoutOneTheAddonsWaitUntilItIsThere) {
  const auto first = start_with("none");
  ASSERT_TRUE(first.ok()) << words(first.error());
  EXPECT_FALSE(first->has_network);
  EXPECT_FALSE(there(storage));
  EXPECT_FALSE(there(policies));
  EXPECT_TRUE(there({"/apis/apps/v1", "deployments", "kube-system", "coredns"}));

  configurations = "20-brought.conflist\n";
  const auto second = start();
  ASSERT_TRUE(second.ok()) << words(second.error());
  EXPECT_TRUE(second->has_network);
  EXPECT_TRUE(there(storage));
}

TEST_F(PodNetworkTest, ManifestsAreAppliedAndTheStartWaitsAsAlways) {
  const auto report = start_with("net.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: net}\n");
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_TRUE(report->has_network);
  EXPECT_TRUE(there({"/api/v1", "configmaps", "default", "net"}));
  EXPECT_TRUE(there(storage));
}

TEST_F(PodNetworkTest, SkiffsOwnEnforcesPolicies) {
  ASSERT_TRUE(start().ok());
  EXPECT_TRUE(there(policies));
}

}  // namespace
}  // namespace skiff::cluster
