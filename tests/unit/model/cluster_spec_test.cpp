// SPDX-License-Identifier: Apache-2.0
#include "model/cluster_spec.h"

#include <gtest/gtest.h>

#include <set>

#include "model/profile.h"

namespace skiff {
namespace {

PlacedSpec lab(int nodes) {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "docker";
  spec.kubernetes_version = "v1.37.2";
  spec.node_image = "skiff-node:v1.37.2-0123456789ab";
  grow(spec, nodes);
  return {spec, *parse_cidr("192.168.80.0/24")};
}

TEST(ClusterSpec, AddressesAndPodRangesAreFixedAndDistinct) {
  const auto nodes = nodes_of(lab(max_nodes));
  std::set<std::uint32_t> addresses;
  std::set<std::uint32_t> pods;
  for (const auto& node : nodes) {
    EXPECT_TRUE(addresses.insert(node.address.value).second) << node.name;
    EXPECT_TRUE(pods.insert(node.pod_cidr.base.value).second) << node.name;
    EXPECT_TRUE(lab(1).node_subnet.contains(node.address));
    EXPECT_TRUE(lab(1).pod_range.contains(node.pod_cidr.base));
  }
  EXPECT_EQ(nodes.size(), static_cast<std::size_t>(max_nodes));
  EXPECT_EQ(nodes[2].name, "lab-w2");
  EXPECT_EQ(to_string(nodes[2].address), "192.168.80.12");
  EXPECT_EQ(to_string(nodes[2].pod_cidr), "10.244.12.0/24");
  // Growing never moves a node.
  EXPECT_EQ(nodes_of(lab(3))[2].address, nodes[2].address);
}

TEST(ClusterSpec, NodesThatStayKeepWhatTheyHaveWhenOthersLeaveAndCome) {
  auto spec = lab(4);
  const auto before = nodes_of(spec);
  std::erase(spec.nodes, Member{Role::worker, 2});
  EXPECT_EQ(nodes_of(spec)[2].address, before[3].address);
  grow(spec, 4);
  EXPECT_EQ(nodes_of(spec).back().name, "lab-w4") << "w2 is not soon used again";
  auto full = lab(max_nodes);
  std::erase(full.nodes, Member{Role::worker, 7});
  grow(full, max_nodes);
  EXPECT_EQ(full.nodes, lab(max_nodes).nodes);
}

TEST(ClusterSpec, AChosenAddressOfTheControlPlaneIsInNobodysWay) {
  auto spec = lab(max_nodes);
  spec.control_plane_host = 200;
  const auto nodes = nodes_of(spec);
  EXPECT_EQ(to_string(nodes[0].address), "192.168.80.200");
  EXPECT_EQ(to_string(nodes[1].address), "192.168.80.11");
  for (const auto& node : nodes_of(lab(max_nodes))) {
    const int number = static_cast<int>(node.address.value & 0xFF);
    EXPECT_EQ(is_control_plane_host(number), node.role == Role::control_plane) << number;
  }
  for (const int number : {2, 10, 110, 254}) EXPECT_TRUE(is_control_plane_host(number)) << number;
  for (const int number : {0, 1, 11, 109, 255, -1}) EXPECT_FALSE(is_control_plane_host(number)) << number;
}

TEST(ClusterSpec, MembersHaveOneName) {
  for (const auto& member : lab(3).nodes) EXPECT_EQ(parse_member(to_string(member)), member);
  for (const auto* bad : {"", "cp", "w", "cp0", "w0", "w01", "w100", "cp10", "x1", "w1 ", "w-1", "W1"})
    EXPECT_FALSE(parse_member(bad)) << bad;
}

TEST(ClusterSpec, ControlPlaneIsTaintedUnlessAloneOrAsked) {
  EXPECT_TRUE(control_plane_schedulable(lab(1)));
  EXPECT_FALSE(control_plane_schedulable(lab(2)));
  auto asked = lab(3);
  asked.schedule_on_control_plane = true;
  EXPECT_TRUE(control_plane_schedulable(asked));
}

TEST(ClusterSpec, ProfileNames) {
  for (const auto* good : {"a", "lab", "my-lab-2", "minikube-lab"}) EXPECT_TRUE(check_profile_name(good).ok()) << good;
  for (const std::string& bad : {std::string(), std::string(41, 'a'), std::string("a/b"), std::string(".."),
                                 std::string("a b"), std::string("Lab"), std::string("-a"), std::string("a-")}) {
    EXPECT_EQ(check_profile_name(bad).error().id, ErrorId::usage) << bad;
  }
}

TEST(Profile, RoundTripsEveryField) {
  auto spec = lab(3);
  spec.cpus = 1.5;
  spec.memory_mib = 2048;
  spec.disk_mib = 10240;
  spec.schedule_on_control_plane = false;
  spec.addons = {"ingress", "storage"};
  spec.addon_values = {{"ingress", {{"statusAddress", "127.0.0.1"}, {"copies", "2"}}}};
  spec.kubernetes.api_names = {"api.lab.example"};
  spec.kubernetes.components = {{"kubelet", "max-pods", "50"}};
  spec.control_plane_host = 200;
  const auto back = parse_profile_yaml(to_profile_yaml(spec), "profile.yaml");
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(back->kubernetes, spec.kubernetes);
  EXPECT_EQ(back->control_plane_host, 200);
  EXPECT_EQ(to_profile_yaml(*back), to_profile_yaml(spec));
  EXPECT_EQ(back->addons, spec.addons);
  EXPECT_EQ(back->addon_values, spec.addon_values);
  EXPECT_EQ(back->schedule_on_control_plane, std::optional(false));
}

TEST(Profile, OfFormat1HasANumberOfNodes) {
  const std::string old =
      "format: 1\nname: lab\ndriver: docker\nkubernetesVersion: v1.37.2\nnodeImage: skiff-node:v1.37.2-0123456789ab\n"
      "nodes: 3\ncpus: 0\nmemoryMiB: 0\ndiskMiB: 0\nnetwork:\n  pods: 10.244.0.0/16\n  services: 10.96.0.0/12\n"
      "  nodes: 192.168.80.0/24\naddons: []\n";
  const auto spec = parse_profile_yaml(old, "p.yaml");
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(to_profile_yaml(*spec), to_profile_yaml(lab(3)));
  for (const std::string bad : {"nodes: 0", "nodes: 101", "nodes: many"}) {
    auto text = old;
    const auto parsed = parse_profile_yaml(text.replace(text.find("nodes: 3"), 8, bad), "p.yaml");
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().what.rfind("p.yaml:6", 0), 0U) << parsed.error().what;
  }
}

TEST(Profile, OfFormat2StaysAsItIs) {
  const std::string old =
      "format: 2\nname: lab\ndriver: docker\nkubernetesVersion: v1.37.2\nnodeImage: skiff-node:v1.37.2-0123456789ab\n"
      "nodes: [cp1, w1, w3]\ncpus: 1.5\nmemoryMiB: 2048\ndiskMiB: 0\nnetwork:\n  pods: 10.244.0.0/16\n"
      "  services: 10.96.0.0/12\n  nodes: 192.168.80.0/24\naddons: [storage]\nid: c0123456789abcdef\n"
      "owner: ann (/home/ann/.skiff)\nkubernetes:\n  apiPort: 8443\n";
  const auto spec = parse_profile_yaml(old, "p.yaml");
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_TRUE(to_profile_yaml(*spec).starts_with("format: 2\n")) << "an older skiff goes on reading it";
  const auto nodes = nodes_of(*placed(*spec));
  EXPECT_EQ(nodes.back().name, "lab-w3");
  EXPECT_EQ(nodes.back().cpus, 1.5);
  EXPECT_EQ(nodes.back().memory_mib, 2048);
  EXPECT_EQ(to_profile_yaml(*parse_profile_yaml(to_profile_yaml(*spec), "p.yaml")), to_profile_yaml(*spec));
}

TEST(Profile, KeepsWhatItsNetworkAndRegistriesAre) {
  auto spec = lab(2);
  spec.ports = {{"127.0.0.1", 8080, 80}, {"::1", 53, 53, "udp"}};
  spec.registries = {{"reg.lab:5000"}, {"https://mirror.lab"}};
  spec.proxies = {"http://a", "http://b", "corp.test", true};
  spec.authorities = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
  spec.registry_config = "docker";
  spec.given = "0123456789abcdef";
  spec.kubernetes.api_name = "api.lab.example";
  EXPECT_TRUE(to_profile_yaml(spec).starts_with("format: 2\n")) << "an older skiff makes the same nodes of it";
  spec.no_kubernetes = true;
  spec.network_name = "shared";
  const std::string text = to_profile_yaml(spec);
  EXPECT_TRUE(text.starts_with("format: 4\n"));
  const auto back = parse_profile_yaml(text, "p.yaml");
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(back->ports, spec.ports);
  EXPECT_EQ(back->registries, spec.registries);
  EXPECT_EQ(back->proxies, spec.proxies);
  EXPECT_EQ(back->authorities, spec.authorities);
  EXPECT_EQ(back->registry_config, "docker");
  EXPECT_EQ(back->given, spec.given);
  EXPECT_EQ(back->kubernetes, spec.kubernetes);
  EXPECT_EQ(back->network_name, "shared");
  EXPECT_TRUE(back->no_kubernetes);
  EXPECT_EQ(to_profile_yaml(*back), text);
  for (const std::string bad :
       {"ports: [80]", "registries: [x]", "registries: {insecure: [../x]}", "proxies: {http: \"ftp://x\"}"}) {
    EXPECT_EQ(parse_profile_yaml(to_profile_yaml(lab(2)) + "\n" + bad + "\n", "p.yaml").error().id,
              ErrorId::config_invalid)
        << bad;
  }
}

TEST(Profile, KeepsWhoGivesPodsTheirNetwork) {
  using enum PodNetwork::Kind;
  for (const PodNetwork& network :
       {PodNetwork{none}, PodNetwork{manifest}, PodNetwork{conflist, "{\n\"name\": \"a\"}"}}) {
    auto spec = lab(2);
    spec.pod_network = network;
    const std::string text = to_profile_yaml(spec);
    EXPECT_TRUE(text.starts_with("format: 5\n")) << "an older skiff would give them its own";
    const auto back = parse_profile_yaml(text, "p.yaml");
    ASSERT_TRUE(back.ok()) << back.error().what;
    EXPECT_EQ(back->pod_network, network);
  }
  for (const std::string bad : {"cni: calico", "cni: conflist", "conflist: '{}'"}) {
    auto text = to_profile_yaml(lab(2));
    text.replace(text.find("network:\n"), 9, "network:\n  " + bad + "\n");
    EXPECT_FALSE(parse_profile_yaml(text, "p.yaml").ok()) << bad;
  }
}

TEST(Profile, KeepsItsFamiliesOfAddresses) {
  auto spec = lab(2);
  spec.dual_stack = true;
  const std::string text = to_profile_yaml(spec);
  EXPECT_TRUE(text.starts_with("format: 5\n"));
  EXPECT_TRUE(parse_profile_yaml(text, "p.yaml")->dual_stack);
}

TEST(Profile, KeepsWhatNodesHaveForThemselves) {
  auto spec = lab(3);
  spec.cpus = 1;
  spec.node_settings[{Role::worker, 2}] = {
      .cpus = 4, .memory_mib = 8192, .labels = {{"tier", "db"}}, .taints = {{"dedicated", "db", "NoSchedule"}}};
  const std::string text = to_profile_yaml(spec);
  EXPECT_TRUE(text.starts_with("format: 3\n"));
  const auto back = parse_profile_yaml(text, "p.yaml");
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(back->node_settings, spec.node_settings);
  EXPECT_EQ(to_profile_yaml(*back), text);
  const auto nodes = nodes_of(*placed(*back));
  EXPECT_EQ(nodes[1].cpus, 1);
  EXPECT_EQ(nodes[2].cpus, 4);
  EXPECT_EQ(nodes[2].labels.at("tier"), "db");
  for (const std::string bad : {"w9: {cpus: 1}", "w1: 3", "w1: {cpus: many}", "w1: {memoryMiB: -1}",
                                "w1: {labels: [a]}", "w1: {taints: [a]}"}) {
    const auto parsed = parse_profile_yaml(to_profile_yaml(lab(3)) + "nodeSettings: {" + bad + "}\n", "p.yaml");
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().id, ErrorId::config_invalid) << bad;
    EXPECT_NE(parsed.error().what.find("'nodeSettings'"), std::string::npos) << parsed.error().what;
  }
}

TEST(ClusterSpec, TheApiIsWhereTheFirstControlPlaneIs) {
  auto spec = lab(2);
  spec.kubernetes.api_port = 8443;
  EXPECT_EQ(api_of(spec).url(), "https://192.168.80.2:8443");
  EXPECT_EQ(control_plane_of(spec), "lab-cp1");
  EXPECT_EQ(to_string(address_of(spec, "w1").value()), "192.168.80.11");
  const ClusterSpec nowhere = PlacedSpec(spec, {});
  EXPECT_FALSE(placed(nowhere));
  EXPECT_FALSE(address_of(nowhere, "w1"));
}

TEST(ClusterSpec, ShortNamesOfNodes) {
  EXPECT_EQ(short_node_name("lab", "lab-w1"), "w1");
  EXPECT_EQ(short_node_name("lab", "lab-m02"), "m02");
  for (const std::string name : {"lab", "lab-", "other-w1", "w1"}) EXPECT_EQ(short_node_name("lab", name), name);
}

TEST(ClusterSpec, LabelsAndTaintsAreThoseOfKubernetes) {
  for (const std::string good : {"tier=front", "a=", "example.com/tier=Front-1.a_b"})
    EXPECT_TRUE(parse_label(good).ok()) << good;
  for (const std::string bad : {"", "tier", "=x", "-a=b", "a=b-", "a b=c", "/a=b", "Ex.com/a=b", "a=b=c"})
    EXPECT_FALSE(parse_label(bad).ok()) << bad;
  for (const std::string good : {"gpu:NoSchedule", "gpu=yes:NoExecute", "x.io/gpu=:PreferNoSchedule"})
    EXPECT_TRUE(parse_taint(good).ok()) << good;
  EXPECT_EQ(to_string(parse_taint("gpu=yes:NoExecute").value()), "gpu=yes:NoExecute");
  for (const std::string bad : {"", "gpu", "gpu:", "gpu:Never", ":NoSchedule", "gpu=a b:NoSchedule"})
    EXPECT_FALSE(parse_taint(bad).ok()) << bad;
}

TEST(Profile, KeepsWhereTheDriversProviderIs) {
  auto spec = lab(1);
  EXPECT_EQ(to_profile_yaml(spec).find("driverUri"), std::string::npos);
  EXPECT_EQ(parse_profile_yaml(to_profile_yaml(spec), "profile.yaml")->driver_uri, "");
  spec.driver = "libvirt";
  spec.driver_uri = "qemu+ssh://me@host/system?keyfile=/home/me/.ssh/id: #1";
  const auto back = parse_profile_yaml(to_profile_yaml(spec), "profile.yaml");
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(back->driver_uri, spec.driver_uri);
  EXPECT_EQ(to_profile_yaml(*back), to_profile_yaml(spec));
}

TEST(Profile, DamageIsRefusedWithItsLine) {
  const std::string good = to_profile_yaml(lab(3));
  const auto at = [](const std::string& text, const std::string& from, const std::string& to) {
    auto copy = text;
    return copy.replace(copy.find(from), from.size(), to);
  };
  for (const auto& [text, line] :
       {std::pair{at(good, "cp1", "many"), "p.yaml:7"}, std::pair{at(good, "format: 2", "format: 9"), "p.yaml:1"},
        std::pair{at(good, "w2", "w1"), "p.yaml:7"}, std::pair{at(good, "w2", "w100"), "p.yaml:7"},
        std::pair{at(good, "cp1", "w9"), "p.yaml:7"}, std::pair{at(good, "192.168.80.0/24", "nowhere"), "p.yaml:"},
        std::pair{good + "addonValues:\n  ingress: 3\n", "p.yaml:19"}, std::pair{std::string("{"), "p.yaml:"},
        std::pair{std::string(), "p.yaml:1"}}) {
    const auto parsed = parse_profile_yaml(text, "p.yaml");
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().id, ErrorId::config_invalid);
    EXPECT_EQ(parsed.error().what.rfind(line, 0), 0U) << parsed.error().what;
  }
}

TEST(Ip, RangesParseAndCompare) {
  EXPECT_EQ(to_string(*parse_cidr("10.1.2.3/8")), "10.0.0.0/8");
  for (const auto* bad : {"10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.256/8", "x/8"})
    EXPECT_FALSE(parse_cidr(bad).ok()) << bad;
  const std::vector<Cidr> candidates{*parse_cidr("10.0.0.0/24"), *parse_cidr("10.0.1.0/24")};
  const std::vector<Cidr> taken{*parse_cidr("10.0.0.128/25")};
  EXPECT_EQ(first_free(candidates, taken), candidates[1]);
  EXPECT_EQ(first_free(candidates, std::vector{*parse_cidr("0.0.0.0/0")}), std::nullopt);
}

TEST(ClusterSpec, SeveralControlPlanesShareAnAddressOfTheApi) {
  auto spec = lab(2);
  EXPECT_FALSE(shares_api(spec));
  grow_control_planes(spec, 3);
  EXPECT_EQ(node_count(spec), 4);
  EXPECT_EQ(api_of(spec).authority(), "192.168.80.254:6443");
  EXPECT_EQ(api_on(spec, nodes_of(spec)[1]).authority(), "192.168.80.3:6443");
  EXPECT_EQ(control_planes_of(spec).back().name, "lab-cp3");
  EXPECT_TRUE(founds_etcd(spec, names_of(spec)[0]));
  EXPECT_FALSE(founds_etcd(spec, names_of(spec)[1]));

  spec.shared_api = true;
  EXPECT_FALSE(founds_etcd(spec, names_of(spec)[0])) << "it would be another cluster than the others have";
  for (const auto& gone : {Member{Role::control_plane, 1}, {Role::control_plane, 2}}) std::erase(spec.nodes, gone);
  EXPECT_EQ(api_of(spec).authority(), "192.168.80.254:6443") << "nodes and kubeconfigs lead there";
  EXPECT_EQ(control_plane_of(spec), "lab-cp3");
  EXPECT_TRUE(founds_etcd(spec, names_of(spec)[0]));
  grow_control_planes(spec, 2);
  EXPECT_EQ(control_planes_of(spec).back().name, "lab-cp4");

  spec.control_plane_host = 254;
  EXPECT_EQ(to_string(api_of(spec).host), "192.168.80.253");
  spec.no_kubernetes = true;
  EXPECT_FALSE(shares_api(spec));
}

TEST(ClusterSpec, EveryPossibleNodeHasAnAddressOfItsOwn) {
  auto spec = lab(1);
  for (const int chosen : {0, 5, 10, 200}) {
    spec.control_plane_host = chosen;
    std::set<Ipv4> addresses;
    for (const auto& node : possible_nodes_of(spec)) addresses.insert(node.address);
    EXPECT_EQ(addresses.size(), static_cast<std::size_t>(most_control_planes + max_nodes - 1)) << chosen;
    EXPECT_FALSE(addresses.contains(gateway_of(spec)));
  }
}

TEST(ClusterSpec, NumbersAreGivenOnceWhateverTheRole) {
  PlacedSpec spec = lab(1);
  spec.node_names = NodeNames::numbers;
  const auto names = [&] {
    std::vector<std::string> all;
    for (const auto& node : names_of(spec)) all.push_back(node.name);
    return all;
  };
  grow_control_planes(spec, 3);
  grow(spec, 4);
  EXPECT_EQ(names(), (std::vector<std::string>{"lab", "lab-m02", "lab-m03", "lab-m04"}));
  spec.nodes = {{Role::control_plane, 1}, {Role::worker, 1}, {Role::worker, 2}};
  grow_control_planes(spec, 3);
  EXPECT_EQ(names(), (std::vector<std::string>{"lab", "lab-m04", "lab-m05", "lab-m02", "lab-m03"}));
  EXPECT_EQ(parse_node_name(spec, "lab-m04", Role::control_plane), (Member{Role::control_plane, 4}));
  EXPECT_EQ(parse_node_name(spec, "lab-m04", Role::worker), (Member{Role::worker, 3}));
}

TEST(ClusterSpec, NodesByNumberAreCalledAsMinikubeCallsThem) {
  PlacedSpec spec = lab(12);
  spec.node_names = NodeNames::numbers;
  const auto nodes = nodes_of(spec);
  EXPECT_EQ(nodes[0].name, "lab");
  EXPECT_EQ(nodes[1].name, "lab-m02");
  EXPECT_EQ(nodes[11].name, "lab-m12");
  EXPECT_EQ(nodes[1].address, nodes_of(lab(12))[1].address);
}

TEST(ClusterSpec, MembersAreFoundByName) {
  ClusterSpec spec = lab(3);
  EXPECT_EQ(member_named(spec, "lab-w2"), (Member{Role::worker, 2}));
  EXPECT_EQ(member_named(spec, "cp1"), (Member{Role::control_plane, 1}));
  EXPECT_FALSE(member_named(spec, "w3"));
  EXPECT_EQ(parse_node_name(spec, "lab-w3"), (Member{Role::worker, 3}));
  for (const auto* other : {"lab", "lab-m02", "lab-w0", "lab-w100", "kwok-0"})
    EXPECT_FALSE(parse_node_name(spec, other)) << other;
  spec.node_names = NodeNames::numbers;
  EXPECT_EQ(member_named(spec, "m03"), (Member{Role::worker, 2}));
  EXPECT_EQ(member_named(spec, "lab"), (Member{Role::control_plane, 1}));
  EXPECT_FALSE(parse_node_name(spec, "lab-w1"));
}

}  // namespace
}  // namespace skiff
