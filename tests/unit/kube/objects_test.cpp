// SPDX-License-Identifier: Apache-2.0
#include "kube/objects.h"

#include <gtest/gtest.h>

namespace skiff::kube {
namespace {

PlacedSpec lab() {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  grow(spec, 2);
  return spec;
}

TEST(Objects, TheControlPlanesTaintComesAndGoesAndOthersStay) {
  const auto taints = [](std::string_view present, bool schedulable) {
    const Json node = parse_json(R"({"spec": {"taints": )" + std::string(present) + "}}").value();
    const auto wanted = control_plane_taints(node, schedulable);
    if (!wanted) return std::string("as they are");
    std::string text;
    for (const auto& taint : *wanted) text += text_at(taint, "key") + ":" + text_at(taint, "effect") + " ";
    return text;
  };
  const std::string other = R"({"key": "gpu", "effect": "NoSchedule"})";
  const std::string ours = R"({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"})";
  EXPECT_EQ(taints("null", false), "node-role.kubernetes.io/control-plane:NoSchedule ");
  EXPECT_EQ(taints("null", true), "as they are");
  EXPECT_EQ(taints("[" + other + "," + ours + "]", false), "as they are");
  EXPECT_EQ(taints("[" + ours + "," + other + "]", true), "gpu:NoSchedule ");
  EXPECT_EQ(taints("[" + other + "]", false), "gpu:NoSchedule node-role.kubernetes.io/control-plane:NoSchedule ");
  EXPECT_EQ(taints(R"([{"key": "node-role.kubernetes.io/control-plane", "effect": "NoExecute"}])", true),
            "as they are");
}

TEST(Objects, WhoTakesOurTaintAwayMeansIt) {
  const auto node = [](const std::string& annotations, const std::string& taints) {
    return parse_json(R"({"metadata": {"resourceVersion": "7", "annotations": {)" + annotations +
                      R"(}}, "spec": {"taints": )" + taints + "}}")
        .value();
  };
  const std::string done = R"("dev.skiff/schedulable": "false")";
  EXPECT_FALSE(scheduling_patch(node(done, "[]"), false));
  const auto first = scheduling_patch(node("", "[]"), false);
  ASSERT_TRUE(first);
  EXPECT_EQ(text_at(*first, "spec.taints.0.key"), "node-role.kubernetes.io/control-plane");
  EXPECT_EQ(text_at(*first, "metadata.resourceVersion"), "7");
  EXPECT_EQ(*find(*first, "metadata.annotations"), Json(JsonObject{{"dev.skiff/schedulable", "false"}}));
  const std::string ours = R"([{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}])";
  EXPECT_TRUE(scheduling_patch(node(done, ours), true));            // the cluster has shrunk to one node
  const auto remembered = scheduling_patch(node("", ours), false);  // of a cluster that an older skiff has made
  ASSERT_TRUE(remembered);
  EXPECT_EQ(find(*remembered, "spec"), nullptr);
}

TEST(Objects, ClusterDnsHasTheAddressOfTheSpec) {
  PlacedSpec spec = lab();
  spec.service_range = parse_cidr("10.100.0.0/16").value();
  for (const auto& object : cluster_dns_objects(spec).value()) {
    if (text_at(object, "kind") != "Service") continue;
    EXPECT_EQ(text_at(object, "spec.clusterIP"), "10.100.0.10");
  }
}

TEST(Manifests, DocumentsAndListsInTheirOrder) {
  const auto objects = parse_manifests(R"(# comment only
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- apiVersion: apps/v1
  kind: DeploymentList
  items:
  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}
---
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"n": "1"}}
)",
                                       "app.yaml");
  ASSERT_TRUE(objects.ok()) << objects.error().what;
  std::string names;
  for (const auto& object : *objects) names += text_at(object, "metadata.name");
  EXPECT_EQ(names, "abc");
  EXPECT_TRUE(find(objects->at(2), "data.n")->is_string());
}

TEST(Manifests, AnEmptyTextHasNoObjects) {
  EXPECT_TRUE(parse_manifests("", "x").value().empty());
  EXPECT_TRUE(parse_manifests("\n---\n# nothing\n", "x").value().empty());
}

void expect_refused(std::string_view text, const std::string& what) {
  const auto objects = parse_manifests(text, "app.yaml");
  ASSERT_FALSE(objects.ok());
  EXPECT_EQ(objects.error().id, ErrorId::config_invalid);
  EXPECT_EQ(objects.error().what, what);
}

TEST(Manifests, WhatIsNoObjectIsRefusedWithItsLine) {
  expect_refused("kind: Pod\nmetadata: {name: a}\n", "app.yaml:1: the object has no apiVersion");
  expect_refused("apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\napiVersion: v1\nmetadata: {name: b}\n",
                 "app.yaml:5: the object has no kind");
  expect_refused(
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- kind: Pod\n",
      "app.yaml:5: the object has no apiVersion");
  expect_refused("apiVersion: v1\nkind: Pod\n", "app.yaml:1: the object has no metadata.name");
  expect_refused("just text\n", "app.yaml:1: the object has no apiVersion");
  expect_refused("[1, 2]\n", "app.yaml:1: the object has no apiVersion");
}

TEST(Manifests, SyntaxErrorsNameTheLine) {
  const auto objects = parse_manifests("a: 1\nb: [\n", "app.yaml");
  ASSERT_FALSE(objects.ok());
  EXPECT_TRUE(objects.error().what.starts_with("app.yaml:")) << objects.error().what;
}

}  // namespace
}  // namespace skiff::kube
