// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/written_cluster.h"

#include <gtest/gtest.h>

#include "cluster/request/cluster_file.h"
#include "model/profile.h"

namespace skiff::cluster {
namespace {

// What a cluster is that is made of nothing but the file.
ClusterSpec made_of(const std::string& text) {
  StartRequest request;
  const auto taken = take_cluster_file(text, "cluster.yaml", request);
  EXPECT_TRUE(taken.ok()) << taken.error().what << "\n" << text;
  auto spec = resolve(request, std::nullopt);
  EXPECT_TRUE(spec.ok()) << spec.error().what << "\n" << text;
  return spec.ok() ? *spec : ClusterSpec();
}

std::string differences_of(const ClusterSpec& before, const ClusterSpec& after) {
  std::string text;
  for (const auto& each : differences(before, after))
    text += each.key + ": " + each.before + " -> " + each.after + "\n";
  return text;
}

constexpr auto everything = R"(
profile: lab
driver: docker
kubernetesVersion: "1.36"
nodeImage: "mine:1"
cpus: 2
memory: 3g
diskSize: 30g
staticIp: 192.168.200.7
network: shared
podRange: 10.8.0.0/16
serviceRange: 10.9.0.0/16
ipFamily: dual
cni: none
ports: ["127.0.0.1:8080:30080"]
mounts: ["/srv/src:/src"]
registries: {insecure: ["registry.lab:5000"], mirrors: ["https://mirror.lab"], config: docker}
proxy: http://proxy.corp:3128
noProxy: corp.example
scheduleOnControlPlane: true
contextName: ann@lab
kubernetes:
  apiServer: {port: 8443, names: [lab.test, 10.0.0.9]}
  dnsDomain: lab.local
  namespace: team
  components: {kubelet: {max-pods: 50, v: 3}, apiserver: {v: 2}}
  featureGates: {ContextualLogging: true}
nodes:
- {role: control-plane, count: 3, labels: {a: b}}
- {count: 2, memory: 1g}
- {cpus: max, taints: ["gpu=yes:NoSchedule"]}
addons: [ingress, {name: registry, values: {size: 5Gi}}]
)";

TEST(WrittenCluster, IsTheFileOfTheSameCluster) {
  for (const std::string text : {"profile: lab\n", "profile: lab\nnodes: [{count: 2}]\n", everything}) {
    const auto spec = made_of(text);
    const auto written = written_cluster(spec);
    EXPECT_EQ(written.left_out, std::vector<std::string>());
    EXPECT_EQ(differences_of(spec, made_of(to_yaml(written.file))), "") << to_yaml(written.file);
  }
}

// Each key that the schema knows is written, but for those that a cluster does not keep as they were said.
void expect_keys(const JsonObject& properties, const Json& written, const std::string& before) {
  for (const auto& [name, property] : properties) {
    const std::string path = before + std::string(name);
    if (path == "manifests" || path == "caFile" || path == "subnet" || path == "libvirtUri") continue;
    const Json* there = find(written, name);
    ASSERT_NE(there, nullptr) << path;
    if (const auto* below = find(property, "properties")) expect_keys(below->get_object(), *there, path + ".");
  }
}

TEST(WrittenCluster, HasEveryKeyOfTheSchema) {
  const auto written = written_cluster(made_of(everything));
  expect_keys(find(cluster_file_schema(), "properties")->get_object(), written.file, "");
}

TEST(WrittenCluster, HasNoSecretAndSaysWhatItLeavesOut) {
  auto spec = made_of("profile: lab\nproxy: http://ann:secret@proxy.corp:3128\n");
  spec.authorities = "PEM";
  spec.no_kubernetes = true;
  spec.pod_network = {PodNetwork::Kind::conflist, "{}"};
  const auto written = written_cluster(spec);
  EXPECT_EQ(to_yaml(written.file).find("secret"), std::string::npos);
  EXPECT_EQ(written.left_out.size(), 4U);
}

}  // namespace
}  // namespace skiff::cluster
