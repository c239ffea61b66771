// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/cluster_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

using Strings = std::vector<std::string>;

std::string document(const std::string& name) { return SKIFF_SOURCE_DIR + ("/docs/" + name); }

// What stands between two lines of a text, without them.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

StartRequest taken(const std::string& text) {
  StartRequest request;
  const auto result = take_cluster_file(text, "cluster.yaml", request);
  EXPECT_TRUE(result.ok()) << result.error().what;
  return request;
}

std::string refusal(const std::string& text) {
  StartRequest request;
  const auto result = take_cluster_file(text, "cluster.yaml", request);
  if (result.ok()) return "taken";
  EXPECT_EQ(result.error().id, ErrorId::config_invalid);
  return result.error().what;
}

TEST(ClusterFile, TheDocumentsExampleIsTaken) {
  const std::string text = sys::read_file(document("cluster-file.md")).value();
  const StartRequest request = taken(between(text, "```yaml\n", "```"));
  EXPECT_EQ(request.profile, "shop");
  ASSERT_TRUE(request.each_node);
  ASSERT_EQ(request.each_node->nodes.size(), 4U);
  EXPECT_FALSE(request.each_node->nodes.at(0).memory);
  EXPECT_EQ(request.each_node->nodes.at(2).memory, "4g");
  EXPECT_EQ(request.each_node->nodes.at(3).labels, Strings{"tier=db"});
  EXPECT_EQ(request.each_node->nodes.at(3).taints, Strings{"dedicated=db:NoSchedule"});
  EXPECT_EQ(request.kubernetes.api_names, Strings{"shop.test"});
  EXPECT_EQ(request.kubernetes.api_port, 8443);
  EXPECT_EQ(request.kubernetes.components, Strings{"kubelet.max-pods=50"});
  EXPECT_EQ(request.kubernetes.feature_gates, Strings{"ContextualLogging=true"});
  EXPECT_EQ(request.addons, (Strings{"ingress", "registry"}));
  EXPECT_EQ(request.addon_values.at("registry").at("size"), "5Gi");
  EXPECT_EQ(request.ports, Strings{"127.0.0.1:8080:30080"});
}

TEST(ClusterFile, OnlyWhatItSaysChanges) {
  StartRequest request;
  request.memory = "3g";
  request.driver = "libvirt";
  ASSERT_TRUE(take_cluster_file("memory: 2048\ncpus: max\n", "cluster.yaml", request).ok());
  EXPECT_EQ(request.memory, "2048");
  EXPECT_EQ(request.driver, "libvirt");
  EXPECT_EQ(request.cpus, all_cpus);
  EXPECT_FALSE(request.each_node);
  EXPECT_FALSE(request.kubernetes.api_names);
}

TEST(ClusterFile, WorkersAloneHaveAControlPlaneToo) {
  EXPECT_EQ(taken("nodes: [{count: 2}]\n").each_node->nodes.size(), 3U);
  EXPECT_EQ(taken("nodes: []\n").each_node->nodes.size(), 1U);
}

TEST(ClusterFile, ControlPlanesComeFirst) {
  const auto nodes = taken("nodes: [{memory: 2g}, {role: control-plane, count: 3, memory: 4g}]\n").each_node;
  EXPECT_EQ(nodes->control_planes, 3);
  ASSERT_EQ(nodes->nodes.size(), 4U);
  EXPECT_EQ(nodes->nodes[0].memory, "4g");
  EXPECT_EQ(nodes->nodes[3].memory, "2g");
}

TEST(ClusterFile, NamesAndAddressesOfTheApiAreOneList) {
  const auto request = taken("kubernetes: {apiServer: {names: [a.test, 10.0.0.9]}}\n").kubernetes;
  EXPECT_EQ(request.api_names, Strings{"a.test"});
  EXPECT_EQ(request.api_addresses, Strings{"10.0.0.9"});
}

TEST(ClusterFile, WhatItCannotMeanIsAnErrorThatNamesTheLine) {
  EXPECT_EQ(refusal("profile: lab\ndrivr: docker\n"), "cluster.yaml:2: there is no 'drivr'; did you mean 'driver'?");
  EXPECT_EQ(refusal("kubernetes:\n  apiServer: {nmes: []}\n"),
            "cluster.yaml:2: there is no 'kubernetes.apiServer.nmes'; did you mean 'names'?");
  EXPECT_EQ(refusal("nodes:\n- role: worker\n- rol: worker\n"),
            "cluster.yaml:3: there is no 'nodes.1.rol'; did you mean 'role'?");
  EXPECT_EQ(refusal("kubernetesVersion: 1.40\n"),
            "cluster.yaml:1: 'kubernetesVersion' must be a text; a number needs quotes");
  EXPECT_EQ(refusal("nodes: [{role: boss}]\n"), "cluster.yaml:1: 'nodes.0.role' must be control-plane or worker");
  EXPECT_EQ(refusal("nodes: [{count: 1000}]\n"), "cluster.yaml:1: 'count' must be 0 to 100");
  EXPECT_EQ(refusal("nodes: 3\n"), "cluster.yaml:1: 'nodes' must be a list of groups of nodes");
  EXPECT_EQ(refusal("kubernetes: 3\n"), "cluster.yaml:1: 'kubernetes' must hold keys of its own");
  EXPECT_EQ(refusal("addons: [{values: {}}]\n"),
            "cluster.yaml:1: an addon is a name, or like {name: ingress, values: {...}}");
  EXPECT_NE(refusal("cpus: 1\ncpus: 2\n").find("'cpus' stands twice"), std::string::npos);
  for (const auto* text : {"", "- a\n", "a: 1\n---\nb: 2\n", "just words"}) {
    EXPECT_EQ(refusal(text), "cluster.yaml:1: this is not one document of 'key: value' lines") << text;
  }
  EXPECT_EQ(refusal("a:\n\tb: 1\n"), "cluster.yaml:2: not YAML: a tab, where only spaces indent");
  EXPECT_EQ(refusal("nodes:\n- role: worker\n\tcount: 2\n"),
            "cluster.yaml:3: not YAML: a tab, where only spaces indent");
}

// The keys of a schema's object, as rows of a table.
void add_rows(const JsonObject& properties, const std::string& before, std::string& rows) {
  for (const auto& [name, value] : properties) {
    const std::string path = before + std::string(name);
    if (const Json* below = find(value, "properties")) {
      add_rows(below->get_object(), path + ".", rows);
    } else if (const Json* item = find(value, "items.properties")) {
      add_rows(item->get_object(), path + "[].", rows);
    } else if (const Json* either = find(value, "items.oneOf.1.properties")) {
      rows += "| `" + path + "[]` | a name, or: |\n";
      add_rows(either->get_object(), path + "[].", rows);
    } else {
      rows += "| `" + path + "` | " + text_at(value, "description") + " |\n";
    }
  }
}

TEST(ClusterFile, ItsSchemaAndItsDocumentAreTrue) {
  const Json schema = cluster_file_schema();
  const std::string begin = "<!-- keys -->\n";
  const std::string end = "<!-- end of keys -->\n";
  std::string rows = "| key | meaning |\n|---|---|\n";
  add_rows(find(schema, "properties")->get_object(), "", rows);
  const std::string text = sys::read_file(document("cluster-file.md")).value();
  if (std::getenv("SKIFF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(document("cluster.schema.json")) << to_pretty_text(schema);
    const auto from = text.find(begin) + begin.size();
    std::ofstream(document("cluster-file.md")) << text.substr(0, from) << rows << text.substr(text.find(end));
    return;
  }
  EXPECT_EQ(sys::read_file(document("cluster.schema.json")).value_or(""), to_pretty_text(schema));
  EXPECT_EQ(between(text, begin, end), rows);
}

}  // namespace
}  // namespace skiff::cluster
