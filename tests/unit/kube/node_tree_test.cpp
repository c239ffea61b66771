#include "kube/node_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/json.h"
#include "base/strings.h"
#include "certificate.h"

namespace skiff::kube {
namespace {

const Authorities& authorities() {
  static const Authorities made = make_authorities().value();
  return made;
}

ClusterSpec lab(int nodes) {
  ClusterSpec spec;
  spec.profile = "lab";
  grow(spec, nodes);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  return spec;
}

FileTree tree_of(const ClusterSpec& spec, std::size_t node) {
  const auto nodes = nodes_of(spec);
  return render_node_tree({spec, nodes.at(node), authorities(), {"10.0.0.53"}, {}}).value();
}

const TreeFile* file(const FileTree& tree, const std::string& path) {
  const auto at = std::find_if(tree.files.begin(), tree.files.end(), [&](const auto& f) { return f.path == path; });
  return at == tree.files.end() ? nullptr : &*at;
}

TEST(NodeTree, ReadyIsTheLastEntry) { EXPECT_EQ(tree_of(lab(2), 0).files.back().path, "/etc/skiff/ready"); }

TEST(NodeTree, AWorkerGetsNoSecretOfTheControlPlane) {
  for (const auto& f : tree_of(lab(2), 1).files) {
    for (const auto& [name, content] : to_files(authorities())) {
      if (name.ends_with(".key")) {
        EXPECT_EQ(f.content.find(content), std::string::npos) << f.path;
      }
    }
  }
  const FileTree worker = tree_of(lab(2), 1);
  EXPECT_EQ(file(worker, "/etc/kubernetes/admin.conf"), nullptr);
  EXPECT_EQ(std::count_if(worker.files.begin(), worker.files.end(),
                          [](const auto& f) { return f.path.starts_with("/etc/kubernetes/pki/"); }),
            3);
}

TEST(NodeTree, OnlyRootReadsKeysAndKubeconfigs) {
  for (const auto& f : tree_of(lab(2), 0).files) {
    const bool secret = f.content.find("PRIVATE KEY") != std::string::npos || f.path.ends_with(".conf");
    if (secret && f.path != "/etc/skiff/resolv.conf") {
      EXPECT_EQ(f.mode, 0600) << f.path;
    }
  }
}

TEST(NodeTree, EveryCertificateIsVouchedFor) {
  const FileTree tree = tree_of(lab(1), 0);
  const auto check = [&](const std::string& name, const KeyPair& authority, const std::string& role) {
    const TreeFile* cert = file(tree, "/etc/kubernetes/pki/" + name + ".crt");
    ASSERT_NE(cert, nullptr) << name;
    EXPECT_TRUE(test::verifies(cert->content, authority.cert_pem, role)) << name;
  };
  check("apiserver", authorities().cluster, "server");
  check("apiserver-kubelet-client", authorities().cluster, "client");
  check("kubelet", authorities().cluster, "server");
  check("kubelet", authorities().cluster, "client");
  check("front-proxy-client", authorities().front_proxy, "client");
  check("apiserver-etcd-client", authorities().etcd, "client");
  check("etcd/server", authorities().etcd, "server");
  check("etcd/server", authorities().etcd, "client");
}

TEST(NodeTree, MoreNamesForTheApiCertificate) {
  const ClusterSpec spec = lab(1);
  const auto nodes = nodes_of(spec);
  const FileTree tree = render_node_tree({spec, nodes[0], authorities(), {}, {"build.example", "203.0.113.9"}}).value();
  const std::string text = test::describe(file(tree, "/etc/kubernetes/pki/apiserver.crt")->content);
  EXPECT_NE(text.find("DNS:build.example"), std::string::npos) << text;
  EXPECT_NE(text.find("IP Address:203.0.113.9"), std::string::npos) << text;
}

TEST(NodeTree, PodsAlwaysHaveANameServer) {
  const ClusterSpec spec = lab(1);
  EXPECT_EQ(render_resolv_conf(spec, {"10.0.0.53", "10.0.0.54"}, {}), "nameserver 10.0.0.53\nnameserver 10.0.0.54\n");
  EXPECT_EQ(render_resolv_conf(spec, {}, {"corp.example", "example"}),
            "nameserver 192.168.80.1\nsearch corp.example example\n");
}

TEST(NodeTree, AShellReadsNodeEnvAsItIs) {
  ClusterSpec spec = lab(3);
  spec.profile = "it's $(odd)";
  const auto nodes = nodes_of(spec);
  const std::string env = render_node_env({spec, nodes[1], authorities(), {}, {}});
  const std::string script = env + "printf '%s|%s' \"$NODE\" \"$API_SERVER\"";
  std::string out;
  setenv("SCRIPT", script.c_str(), 1);
  FILE* shell = popen("eval \"$SCRIPT\"", "r");
  for (int c = fgetc(shell); c != EOF; c = fgetc(shell)) out += static_cast<char>(c);
  EXPECT_EQ(pclose(shell), 0);
  EXPECT_EQ(out, "it's $(odd)-w1|192.168.80.2:6443");
}

TEST(NodeTree, ANodeKnowsTheWayToThePodsOfNodesToCome) {
  const auto routes_of = [](const ClusterSpec& spec, std::size_t number) {
    const std::string env = render_node_env({spec, nodes_of(spec)[number], authorities(), {}, {}});
    const std::size_t begin = env.find("ROUTES='") + 8;
    return split(env.substr(begin, env.find('\'', begin) - begin), ' ');
  };
  const auto alone = routes_of(lab(1), 0);
  EXPECT_EQ(alone.size(), max_nodes - 1);
  EXPECT_EQ(alone.front(), "10.244.11.0/24=192.168.80.11");
  EXPECT_EQ(alone.back(), "10.244.109.0/24=192.168.80.109");
  EXPECT_EQ(alone, routes_of(lab(max_nodes), 0));
  const auto of_worker = routes_of(lab(2), 1);
  EXPECT_EQ(of_worker.front(), "10.244.2.0/24=192.168.80.2");
  EXPECT_EQ(of_worker[1], "10.244.12.0/24=192.168.80.12");
}

TEST(NodeTree, ComponentConfigurationsAreYaml) {
  const ClusterSpec spec = lab(1);
  const auto nodes = nodes_of(spec);
  const NodeTreeInput input{spec, nodes[0], authorities(), {}, {}, 1400};
  const auto kubelet = parse_yaml(render_kubelet_config(input), "kubelet.yaml").value();
  EXPECT_EQ(text_at(kubelet[0].value, "clusterDNS.0"), "10.96.0.10");
  EXPECT_EQ(find(kubelet[0].value, "evictionHard")->at("memory.available"), "0%");
  EXPECT_EQ(int_at(parse_json(render_cni_config(input)).value(), "plugins.0.mtu"), 1400);
}

}  // namespace
}  // namespace skiff::kube
