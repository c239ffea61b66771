// SPDX-License-Identifier: Apache-2.0
// The user's kubeconfig, before, while and after there is a cluster.
#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "kube/kubeconfig.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::words;
using StartKubeconfigTest = fakes::LabWorld;

TEST_F(StartKubeconfigTest, AContextOfAnotherClusterStaysAndAnotherNameIsAWayOut) {
  const std::string theirs =
      "apiVersion: v1\nkind: Config\nclusters:\n- name: lab\n  cluster: {server: 'https://work.test'}\n"
      "contexts:\n- name: lab\n  context: {cluster: lab, user: lab}\nusers:\n- name: lab\n"
      "  user: {token: secret}\ncurrent-context: lab\n";
  temporary.write_kubeconfig(theirs);
  const auto refused = start();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::kubeconfig_conflict);
  EXPECT_NE(refused.error().advice.find("--context-name"), std::string::npos);
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_EQ(temporary.kubeconfig_text(), theirs);

  StartRequest request;
  request.context = "mine@lab";
  request.keep_context = true;
  const auto report = start(request);
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(kube::user_kubeconfig_state("mine@lab", report->api_server).value(), kube::KubeconfigState::right);
  EXPECT_EQ(kube::user_kubeconfig_state("lab", "https://work.test").value(), kube::KubeconfigState::right);
  EXPECT_EQ(kube::user_current_context().value(), "lab");
  ASSERT_TRUE(start().ok()) << "the name is kept";
  EXPECT_EQ(kube::user_current_context().value(), "mine@lab");

  request.context = "other";
  ASSERT_TRUE(start(request).ok());
  EXPECT_EQ(kube::user_current_context().value(), "other") << "it follows its cluster";
  EXPECT_EQ(kube::user_kubeconfig_state("other", report->api_server).value(), kube::KubeconfigState::right);
  EXPECT_EQ(kube::user_kubeconfig_state("mine@lab", "").value(), kube::KubeconfigState::missing);

  ASSERT_TRUE(remove(ctx, home, "lab").ok());
  const std::string without_current = theirs.substr(0, theirs.rfind("current-context"));
  EXPECT_EQ(temporary.kubeconfig_text(), without_current + "current-context: \"\"\n");
}

}  // namespace
}  // namespace skiff::cluster
