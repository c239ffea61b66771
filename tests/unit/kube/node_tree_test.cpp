// SPDX-License-Identifier: Apache-2.0
#include "kube/node/node_tree.h"

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

PlacedSpec lab(int nodes) {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  grow(spec, nodes);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  return spec;
}

FileTree tree_of(const PlacedSpec& spec, std::size_t node) {
  const auto nodes = nodes_of(spec);
  return render_node_tree({spec, nodes.at(node), authorities(), {"10.0.0.53"}, {}}).value();
}

const TreeFile* file(const FileTree& tree, const std::string& path) {
  const auto at = std::find_if(tree.files.begin(), tree.files.end(), [&](const auto& f) { return f.path == path; });
  return at == tree.files.end() ? nullptr : &*at;
}

TEST(NodeTree, ReadyIsTheLastEntry) { EXPECT_EQ(tree_of(lab(2), 0).files.back().path, "/etc/skiff/ready"); }

TEST(NodeTree, WithoutKubernetesOnlyContainersRun) {
  auto spec = lab(2);
  spec.no_kubernetes = true;
  spec.registries.insecure = {"reg.lab:5000"};
  const auto tree = tree_of(spec, 0);
  EXPECT_NE(file(tree, "/etc/skiff/node.env")->content.find("SERVICES='containerd'\n"), std::string::npos);
  EXPECT_NE(file(tree, "/etc/containerd/certs.d/reg.lab:5000/hosts.toml"), nullptr);
}

TEST(NodeTree, ThePodsNetworkIsSkiffsTheUsersOrNobodys) {
  const std::string configuration = "/etc/cni/net.d/10-skiff.conflist";
  auto spec = lab(2);
  const auto env = [&] { return file(tree_of(spec, 1), "/etc/skiff/node.env")->content; };
  EXPECT_NE(env().find("NETWORK_POLICIES='enforced'\n"), std::string::npos);
  EXPECT_NE(file(tree_of(spec, 1), "/etc/kubernetes/network-policy.conf"), nullptr);

  spec.pod_network = {PodNetwork::Kind::conflist, R"({"subnet": "${podCIDR}"})"};
  EXPECT_EQ(file(tree_of(spec, 1), configuration)->content, R"({"subnet": "10.244.11.0/24"})");
  EXPECT_EQ(env().find("NETWORK_POLICIES"), std::string::npos);
  EXPECT_EQ(env().find("POD_NETWORK"), std::string::npos) << "its packets go by skiff's routes";

  spec.pod_network = {PodNetwork::Kind::none};
  EXPECT_EQ(file(tree_of(spec, 1), configuration), nullptr);
  EXPECT_EQ(file(tree_of(spec, 1), "/etc/kubernetes/network-policy.conf"), nullptr);
  EXPECT_NE(env().find("POD_NETWORK='brought'\n"), std::string::npos);
}

TEST(NodeTree, OfBothFamiliesPodsAndRoutesHaveBoth) {
  auto spec = lab(2);
  spec.dual_stack = true;
  const auto tree = tree_of(spec, 1);
  const auto& env = file(tree, "/etc/skiff/node.env")->content;
  EXPECT_NE(env.find("ADDRESS6='fd73:6b69:c0a8:5000::b'\n"), std::string::npos);
  EXPECT_NE(env.find("fd73:6b69:af4:200::/64=fd73:6b69:c0a8:5000::2 "), std::string::npos);
  const auto& cni = file(tree, "/etc/cni/net.d/10-skiff.conflist")->content;
  EXPECT_NE(cni.find("fd73:6b69:af4:b00::/64"), std::string::npos);
  EXPECT_NE(file(tree, "/etc/kubernetes/kube-proxy.yaml")->content.find("10.244.0.0/16,fd73:6b69:af4::/48"),
            std::string::npos);
}

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
  const PlacedSpec spec = lab(1);
  const auto nodes = nodes_of(spec);
  const FileTree tree = render_node_tree({spec, nodes[0], authorities(), {}, {"build.example", "203.0.113.9"}}).value();
  const std::string text = test::describe(file(tree, "/etc/kubernetes/pki/apiserver.crt")->content);
  EXPECT_NE(text.find("DNS:build.example"), std::string::npos) << text;
  EXPECT_NE(text.find("IP Address:203.0.113.9"), std::string::npos) << text;
}

TEST(NodeTree, PodsAlwaysHaveANameServer) {
  const PlacedSpec spec = lab(1);
  EXPECT_EQ(render_resolv_conf(spec, {"10.0.0.53", "10.0.0.54"}, {}), "nameserver 10.0.0.53\nnameserver 10.0.0.54\n");
  EXPECT_EQ(render_resolv_conf(spec, {}, {"corp.example", "example"}),
            "nameserver 192.168.80.1\nsearch corp.example example\n");
}

TEST(NodeTree, AShellReadsNodeEnvAsItIs) {
  PlacedSpec spec = lab(3);
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
  const auto routes_of = [](const PlacedSpec& spec, std::size_t number) {
    const std::string env = render_node_env({spec, nodes_of(spec)[number], authorities(), {}, {}});
    const std::size_t begin = env.find("ROUTES='") + 8;
    return split(env.substr(begin, env.find('\'', begin) - begin), ' ');
  };
  const auto alone = routes_of(lab(1), 0);
  EXPECT_EQ(alone.size(), most_control_planes + max_nodes - 2U);
  EXPECT_EQ(alone.front(), "10.244.3.0/24=192.168.80.3") << "a second control plane";
  EXPECT_EQ(alone.back(), "10.244.109.0/24=192.168.80.109");
  EXPECT_EQ(alone, routes_of(lab(max_nodes), 0));
  const auto of_worker = routes_of(lab(2), 1);
  EXPECT_EQ(of_worker.front(), "10.244.2.0/24=192.168.80.2");
  EXPECT_EQ(std::ranges::count(of_worker, "10.244.11.0/24=192.168.80.11"), 0) << "its own";
  EXPECT_EQ(of_worker.back(), "10.244.109.0/24=192.168.80.109");
}

TEST(NodeTree, OneOfSeveralControlPlanesKnowsTheOthersAndTheSharedAddress) {
  PlacedSpec spec = lab(1);
  grow_control_planes(spec, 3);
  EXPECT_EQ(tree_format_of(spec), node_tree_format);
  EXPECT_EQ(tree_format_of(lab(3)), 1) << "images of before read it";
  const auto env_of = [&](std::size_t number) {
    return render_node_env({spec, nodes_of(spec)[number], authorities(), {}, {}});
  };
  const std::string second = env_of(1);
  for (const auto* line : {"API_SERVER='192.168.80.254:6443'\n", "API_ADDRESS='192.168.80.254'\n",
                           "CONTROL_PLANES='192.168.80.2 192.168.80.4'\n", "ETCD_FOUNDER='no'\n", " api-address'\n"}) {
    EXPECT_NE(second.find(line), std::string::npos) << line;
  }
  EXPECT_NE(env_of(0).find("ETCD_FOUNDER='yes'"), std::string::npos);
}

TEST(NodeTree, WhatTheUserSetReachesFlagsAndConfigurations) {
  PlacedSpec spec = lab(2);
  spec.kubernetes.feature_gates = {{"One", true}, {"Two", false}};
  for (const auto* text :
       {"apiserver.audit-log-maxage=3", "apiserver.v=4", "etcd.quota-backend-bytes=1000000", "kubelet.max-pods=50",
        "kubelet.maxPods=40", "kubelet.logging.verbosity=3", "kubelet.evictionHard={\"memory.available\": \"5%\"}",
        "kubelet.podPidsLimit=\"7\"", "proxy.mode=iptables", "proxy.conntrack.min=5"}) {
    spec.kubernetes.components.push_back(parse_component_setting(text).value());
  }
  const FileTree tree = tree_of(spec, 0);
  const auto flags = [&](const std::string& service) { return file(tree, "/etc/skiff/flags/" + service)->content; };
  EXPECT_EQ(flags("kube-apiserver"), "--feature-gates=One=true,Two=false\n--audit-log-maxage=3\n--v=4\n");
  EXPECT_EQ(flags("kube-scheduler"), "--feature-gates=One=true,Two=false\n");
  EXPECT_EQ(flags("etcd"), "--quota-backend-bytes=1000000\n");
  EXPECT_EQ(flags("kubelet"), "--max-pods=50\n");
  EXPECT_EQ(file(tree_of(spec, 1), "/etc/skiff/flags/kube-apiserver"), nullptr);

  const auto kubelet = parse_yaml(file(tree, "/etc/kubernetes/kubelet.yaml")->content, "kubelet.yaml").value()[0].value;
  EXPECT_EQ(int_at(kubelet, "maxPods"), 40);
  EXPECT_EQ(int_at(kubelet, "logging.verbosity"), 3);
  EXPECT_EQ(text_at(kubelet, "podPidsLimit"), "7");
  EXPECT_EQ(find(kubelet, "evictionHard")->get_object().size(), 1U);
  EXPECT_TRUE(bool_at(kubelet, "featureGates.One"));
  const auto proxy = parse_yaml(file(tree, "/etc/kubernetes/kube-proxy.yaml")->content, "proxy.yaml").value()[0].value;
  EXPECT_EQ(text_at(proxy, "mode"), "iptables");
  EXPECT_EQ(int_at(proxy, "conntrack.min"), 5);
  EXPECT_EQ(int_at(proxy, "conntrack.maxPerCore", -1), 0) << "its neighbours stay";
  EXPECT_FALSE(bool_at(proxy, "featureGates.Two", true));
}

TEST(NodeTree, PortNamesAndDomainAreTheUsers) {
  PlacedSpec spec = lab(1);
  spec.kubernetes.api_port = 8443;
  spec.kubernetes.api_names = {"api.lab.example", "localhost", "10.1.2.3"};
  spec.kubernetes.dns_domain = "k8s.lab";
  const FileTree tree = tree_of(spec, 0);
  const std::string cert = test::describe(file(tree, "/etc/kubernetes/pki/apiserver.crt")->content);
  for (const auto* name : {"DNS:api.lab.example", "IP Address:10.1.2.3", "DNS:kubernetes.default.svc.k8s.lab"}) {
    EXPECT_NE(cert.find(name), std::string::npos) << name << "\n" << cert;
  }
  EXPECT_EQ(cert.find("cluster.local"), std::string::npos) << cert;
  EXPECT_EQ(cert.find("DNS:localhost"), cert.rfind("DNS:localhost")) << "once is enough";
  EXPECT_NE(file(tree, "/etc/kubernetes/admin.conf")->content.find("https://192.168.80.2:8443"), std::string::npos);
  const std::string env = file(tree, "/etc/skiff/node.env")->content;
  EXPECT_NE(env.find("DNS_DOMAIN='k8s.lab'"), std::string::npos) << env;
  EXPECT_NE(env.find("API_SERVER='192.168.80.2:8443'"), std::string::npos) << env;
  EXPECT_NE(file(tree, "/etc/kubernetes/kubelet.yaml")->content.find("clusterDomain: k8s.lab"), std::string::npos);
}

TEST(NodeTree, CertificatesLiveAsLongAsAsked) {
  PlacedSpec spec = lab(1);
  spec.kubernetes.certificate_seconds = 40LL * 365 * 24 * 3600;  // more seconds than 32 bits hold
  for (const auto& f : tree_of(spec, 0).files) {
    const bool issued = f.path.ends_with(".crt") && !f.path.ends_with("ca.crt");
    if (issued) {
      EXPECT_GT(test::days_left(f.content), 39 * 365) << f.path;
    }
  }
  spec.kubernetes.certificate_seconds = 180;
  EXPECT_EQ(test::days_left(file(tree_of(spec, 0), "/etc/kubernetes/pki/apiserver.crt")->content), 0);
  EXPECT_EQ(test::days_left(issue_admin(authorities(), spec.kubernetes).value().cert_pem), 0);
  EXPECT_GE(test::days_left(issue_admin(authorities(), {}).value().cert_pem), 364);
}

TEST(NodeTree, ComponentConfigurationsAreYaml) {
  const PlacedSpec spec = lab(1);
  const auto nodes = nodes_of(spec);
  const NodeTreeInput input{spec, nodes[0], authorities(), {}, {}, 1400};
  const auto kubelet = parse_yaml(render_kubelet_config(input), "kubelet.yaml").value();
  EXPECT_EQ(text_at(kubelet[0].value, "clusterDNS.0"), "10.96.0.10");
  EXPECT_EQ(find(kubelet[0].value, "evictionHard")->at("memory.available"), "0%");
  EXPECT_EQ(int_at(parse_json(render_cni_config(input)).value(), "plugins.0.mtu"), 1400);
}

}  // namespace
}  // namespace skiff::kube
