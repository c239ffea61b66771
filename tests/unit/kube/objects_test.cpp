#include "kube/objects.h"

#include <gtest/gtest.h>

namespace skiff::kube {
namespace {

ClusterSpec lab() {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.nodes = 2;
  return spec;
}

TEST(Objects, ATaintOnlyWhereAskedFor) {
  ClusterSpec spec = lab();
  const auto effects = [&](std::size_t node) {
    std::string text;
    const Json object = node_object(spec, nodes_of(spec)[node]);
    for (const auto& taint : array_at(object, "spec.taints")) {
      text += text_at(taint, "effect");
    }
    return text;
  };
  EXPECT_EQ(effects(0), "NoSchedule");
  spec.schedule_on_control_plane = true;
  EXPECT_EQ(effects(0), "");
  spec.schedule_on_control_plane = false;
  EXPECT_EQ(effects(1), "");
}

TEST(Objects, ClusterDnsHasTheAddressOfTheSpec) {
  ClusterSpec spec = lab();
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
