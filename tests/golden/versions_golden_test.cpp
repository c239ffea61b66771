// SPDX-License-Identifier: Apache-2.0
// What each version of Kubernetes is built from and told, one file for each: a version that is added brings its own.
#include "base/strings.h"
#include "golden.h"
#include "images/recipe.h"
#include "kube/node/node_tree.h"

namespace skiff {
namespace {

using test::matches_golden;

PlacedSpec lab(const std::string& kubernetes) {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  spec.kubernetes_version = kubernetes;
  grow(spec, 2);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  spec.kubernetes.components = {{"kubelet", "max-pods", "50"}, {"apiserver", "v", "4"}};
  spec.kubernetes.feature_gates = {{"ContextualLogging", true}};
  return spec;
}

bool is_configuration(std::string_view path) {
  const bool of_component = path == "/etc/kubernetes/kubelet.yaml" || path == "/etc/kubernetes/kube-proxy.yaml";
  return of_component || path.starts_with("/etc/skiff/flags/") || path == "/etc/skiff/profile.yaml";
}

std::string configuration(const std::string& kubernetes) {
  const PlacedSpec spec = lab(kubernetes);
  const auto authorities = kube::make_authorities().value();
  std::string text;
  const auto tree = kube::render_node_tree({spec, nodes_of(spec)[0], authorities, {}, {}, 1500, {}}).value();
  for (const auto& file : tree.files) {
    if (is_configuration(file.path)) text += "=== " + file.path + "\n" + file.content;
  }
  return text;
}

std::string build(const std::string& kubernetes) {
  const auto recipe = images::find_recipe("node", kubernetes).value();
  std::string text = "=== build of " + recipe.reference + "\n";
  for (const auto& part : recipe.parts) {
    if (part.name != "kube") continue;
    const auto& go = std::get<images::GoBuild>(part.build);
    for (const auto& argument : images::build_arguments(go, "output"))
      text += replace_all(argument, " -X ", "\n  -X ") + "\n";
    for (const auto& file : images::sources_of(go)) {
      if (file.path != "go.mod") continue;
      for (const auto& line : split(file.content, '\n')) {
        const bool direct =
            line.find("// indirect") == std::string_view::npos && line.find("=>") == std::string_view::npos;
        if (direct && line.find(" v") != std::string_view::npos) text += std::string(trim(line)) + "\n";
      }
    }
  }
  return text;
}

TEST(VersionsGolden, EachIsBuiltAndToldSo) {
  for (const auto& kubernetes : images::kubernetes_versions()) {
    EXPECT_TRUE(matches_golden(build(kubernetes) + configuration(kubernetes), "versions/" + kubernetes + ".txt"));
  }
}

}  // namespace
}  // namespace skiff
