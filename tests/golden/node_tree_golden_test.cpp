// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "base/strings.h"
#include "golden.h"
#include "kube/node/node_tree.h"
#include "kube/objects.h"
#include "tests/unit/kube/certificate.h"

namespace skiff::kube {
namespace {

using skiff::test::matches_golden;

PlacedSpec lab() {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  grow(spec, 3);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  return spec;
}

// Keys become "<key>", certificates their description, base64 of either the same in one line.
std::string readable(const std::string& content) {
  if (content.find("PRIVATE KEY") != std::string::npos) return "<key>\n";
  if (content.find("PUBLIC KEY") != std::string::npos) return "<public key>\n";
  if (content.starts_with("-----BEGIN CERTIFICATE")) return test::describe(content);
  std::string text;
  for (const auto& line : split(content, '\n')) {
    const auto data = line.find("-data: ");
    if (data == std::string::npos) {
      text += line + "\n";
      continue;
    }
    const std::string decoded = base64_decode(line.substr(data + 7)).value();
    const std::string shown = split(readable(decoded), '\n').front();
    text += line.substr(0, data + 7) + "<" + shown + ">\n";
  }
  text.pop_back();
  return text;
}

std::string readable(const FileTree& tree) {
  std::string text;
  for (const auto& file : tree.files) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(file.mode));
    text += "=== " + file.path + " " + mode + "\n" + readable(file.content);
  }
  return text;
}

std::string node_tree(std::size_t node, int control_planes = 1) {
  PlacedSpec spec = lab();
  grow_control_planes(spec, control_planes);
  const Authorities authorities = make_authorities().value();
  const auto nodes = nodes_of(spec);
  const NodeTreeInput input{spec, nodes.at(node), authorities, {"10.0.0.53"}, {}, 1400, {"corp.example"}};
  return readable(render_node_tree(input).value());
}

TEST(NodeTreeGolden, ControlPlane) { EXPECT_TRUE(matches_golden(node_tree(0), "node-tree/control-plane.txt")); }
TEST(NodeTreeGolden, OneOfSeveralControlPlanes) {
  EXPECT_TRUE(matches_golden(node_tree(1, 3), "node-tree/one-of-three.txt"));
}
TEST(NodeTreeGolden, Worker) { EXPECT_TRUE(matches_golden(node_tree(1), "node-tree/worker.txt")); }

TEST(ObjectsGolden, Nodes) {
  const PlacedSpec spec = lab();
  std::string text;
  for (const auto& node : nodes_of(spec)) text += "---\n" + to_yaml(node_object(node));
  EXPECT_TRUE(matches_golden(replace_all(text, "arm64", "amd64"), "objects/nodes.yaml"));
}

TEST(ObjectsGolden, ClusterDns) {
  std::string text;
  for (const auto& object : cluster_dns_objects(lab()).value()) text += "---\n" + to_yaml(object);
  EXPECT_TRUE(matches_golden(text, "objects/cluster-dns.yaml"));
}

}  // namespace
}  // namespace skiff::kube
