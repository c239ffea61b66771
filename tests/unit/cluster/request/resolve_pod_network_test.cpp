// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve_pod_network.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

using Kind = PodNetwork::Kind;

const std::string conflist =
    R"({"cniVersion": "1.0.0", "name": "own", "plugins": [{"type": "bridge", "subnet": "${podCIDR}"}]})";
const std::string manifests = R"(apiVersion: v1
kind: Namespace
metadata: {name: network}
)";

StartRequest said(const std::string& cni, const std::string& content = {}) {
  StartRequest request;
  request.profile = "lab";
  request.cni = cni;
  request.cni_content = content;
  return request;
}
Result<ClusterSpec> fresh(const std::string& cni, const std::string& content = {}) {
  return resolve(said(cni, content), std::nullopt);
}
bool refused(const Result<ClusterSpec>& spec, ErrorId id) { return !spec.ok() && spec.error().id == id; }

TEST(PodNetworks, WordsAreMinikubesToo) {
  for (const auto* own : {"default", "auto", "bridge", "true"}) {
    EXPECT_EQ(fresh(own)->pod_network.kind, Kind::own) << own;
  }
  for (const auto* none : {"none", "false"}) EXPECT_EQ(fresh(none)->pod_network.kind, Kind::none) << none;
  for (const auto* others : {"calico", "cilium", "flannel", "kindnet"}) {
    EXPECT_TRUE(refused(fresh(others), ErrorId::unsupported)) << others;
  }
}

TEST(PodNetworks, AFileIsAConfigurationOrManifests) {
  const auto own = fresh("own.conflist", conflist);
  ASSERT_TRUE(own.ok()) << own.error().what;
  EXPECT_EQ(own->pod_network, (PodNetwork{Kind::conflist, conflist}));
  EXPECT_FALSE(enforces_policies(*own));
  EXPECT_FALSE(network_is_brought(*own));
  EXPECT_TRUE(network_objects(said("own.conflist", conflist))->empty());

  const auto brought = fresh("net.yaml", manifests);
  ASSERT_TRUE(brought.ok()) << brought.error().what;
  EXPECT_EQ(brought->pod_network, PodNetwork{Kind::manifest});
  EXPECT_TRUE(network_is_brought(*brought));
  EXPECT_EQ(network_objects(said("net.yaml", manifests))->size(), 1U);
}

TEST(PodNetworks, WhatIsNeitherIsRefused) {
  for (const std::string bad : {"", "plugins: []", "[]", R"({"type": "bridge", "name": "one"})", "kind: Pod\n", "{"}) {
    EXPECT_TRUE(refused(fresh("file", bad), ErrorId::usage)) << bad;
  }
}

TEST(PodNetworks, OneMayComeLaterWhereThereIsNoneAndStaysThen) {
  const auto none = fresh("none");
  ASSERT_TRUE(none.ok());
  const auto brought = resolve(said("net.yaml", manifests), *none);
  ASSERT_TRUE(brought.ok()) << brought.error().what;
  EXPECT_TRUE(resolve(said("net.yaml", manifests), *brought).ok()) << "newer ones of it";
  EXPECT_TRUE(refused(resolve(said("none"), *brought), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(resolve(said("own.conflist", conflist), *none), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(resolve(said("default"), *none), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(resolve(said("none"), *fresh("default")), ErrorId::profile_conflict));
}

TEST(PodNetworks, WithoutKubernetesThereAreNoPods) {
  auto request = said("none");
  request.kubernetes.none = true;
  EXPECT_TRUE(refused(resolve(request, std::nullopt), ErrorId::usage));
}

}  // namespace
}  // namespace skiff::cluster
