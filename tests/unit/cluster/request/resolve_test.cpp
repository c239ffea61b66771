// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/start/start.h"
#include "model/versions.h"

namespace skiff::cluster {
namespace {

StartRequest request() {
  StartRequest r;
  r.profile = "lab";
  return r;
}

ClusterSpec made() {
  auto first = request();
  first.nodes = 2;
  auto spec = *resolve(first, std::nullopt);
  spec.node_subnet = *parse_cidr("192.168.80.0/24");
  return spec;
}

TEST(Resolve, DefaultsFillEverything) {
  const auto spec = resolve(request(), std::nullopt);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(node_count(*spec), 1);
  EXPECT_EQ(spec->driver, "docker");
}

TEST(Resolve, NothingSaidKeepsTheSavedProfile) {
  const auto spec = resolve(request(), made());
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(node_count(*spec), 2);
  EXPECT_EQ(spec->node_subnet, made().node_subnet);
}

TEST(Resolve, ClustersGrowButDoNotShrink) {
  auto more = request();
  more.nodes = 5;
  EXPECT_EQ(node_count(*resolve(more, made())), 5);
  more.nodes = 1;
  EXPECT_EQ(resolve(more, made()).error().id, ErrorId::profile_conflict);
}

TEST(Resolve, WhatCannotChangeIsRefused) {
  const auto refused = [](auto change) {
    auto r = request();
    change(r);
    const auto spec = resolve(r, made());
    return !spec.ok() && spec.error().id == ErrorId::profile_conflict;
  };
  EXPECT_TRUE(refused([](auto& r) { r.driver = "libvirt"; }));
  EXPECT_TRUE(refused([](auto& r) { r.subnet = "192.168.81.0/24"; }));
  EXPECT_TRUE(refused([](auto& r) { r.memory = "3g"; }));
  EXPECT_TRUE(refused([](auto& r) { r.node_image = "other:1"; }));
  EXPECT_FALSE(refused([](auto& r) { r.driver = "docker"; }));
}

TEST(Resolve, PlaceOfLibvirtIsForLibvirtAlone) {
  auto r = request();
  r.driver_uri = "qemu:///system";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::usage);
  EXPECT_EQ(resolve(r, made()).error().id, ErrorId::usage);
  r.driver = "docker";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::usage);
  r.driver = "libvrit";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::driver_not_found);
  r.driver = "libvirt";
  EXPECT_EQ(resolve(r, std::nullopt)->driver_uri, "qemu:///system");
}

TEST(Resolve, PlaceOfLibvirtIsKept) {
  auto first = request();
  first.driver = "libvirt";
  first.driver_uri = "qemu:///system";
  const auto saved = *resolve(first, std::nullopt);
  EXPECT_EQ(resolve(request(), saved)->driver_uri, "qemu:///system");

  auto again = request();
  again.driver_uri = "qemu:///system";
  ASSERT_TRUE(resolve(again, saved).ok());
  EXPECT_EQ(resolve(again, saved)->driver_uri, "qemu:///system");
  again.driver_uri = "qemu+ssh://host/system";
  EXPECT_EQ(resolve(again, saved).error().id, ErrorId::profile_conflict);
}

TEST(Resolve, SizesHaveUnits) {
  for (const auto& [text, mib] : {std::pair{"2g", 2048}, std::pair{"2048m", 2048}, std::pair{"2048", 2048},
                                  std::pair{"2GB", 2048}, std::pair{"1024MiB", 1024}}) {
    auto r = request();
    r.memory = text;
    const auto spec = resolve(r, std::nullopt);
    ASSERT_TRUE(spec.ok()) << text;
    EXPECT_EQ(spec->memory_mib, mib) << text;
  }
}

TEST(Resolve, BadInputIsAUsageError) {
  const auto usage = [](auto change) {
    auto r = request();
    change(r);
    const auto spec = resolve(r, std::nullopt);
    return !spec.ok() && spec.error().id == ErrorId::usage;
  };
  for (const int nodes : {0, -1, 1000}) EXPECT_TRUE(usage([&](auto& r) { r.nodes = nodes; })) << nodes;
  for (const auto* size : {"", "x", "2t", "-1g", "0"}) EXPECT_TRUE(usage([&](auto& r) { r.memory = size; })) << size;
  auto small = request();
  small.memory = "10m";
  EXPECT_EQ(resolve(small, std::nullopt).error().id, ErrorId::memory_too_small);
  for (const auto* range : {"x", "192.168.80.0/16", "10.244.3.0/24", "10.100.0.0/24"}) {
    EXPECT_TRUE(usage([&](auto& r) { r.subnet = range; })) << range;
  }
  EXPECT_TRUE(usage([](auto& r) { r.cpus = 0; }));
  EXPECT_TRUE(usage([](auto& r) { r.profile = "../x"; }));
}

TEST(Resolve, AllThatCannotChangeIsToldAtOnce) {
  auto r = request();
  r.driver = "libvirt";
  r.nodes = 1;
  r.memory = "3g";
  r.service_range = "10.32.0.0/16";
  r.kubernetes.dns_domain = "other.test";
  const auto refused = resolve(r, made());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::profile_conflict);
  ASSERT_EQ(refused.error().trail.size(), 5U);
  for (const auto* flag : {"--driver", "nodes", "--memory", "--service-cluster-ip-range", "--dns-domain"}) {
    EXPECT_TRUE(std::ranges::any_of(refused.error().trail, [&](const std::string& line) {
      return line.find(flag) != std::string::npos;
    })) << flag;
  }
  r.memory = "1 banana";
  EXPECT_EQ(resolve(r, made()).error().id, ErrorId::usage) << "what makes no sense comes first";
}

TEST(Resolve, AVersionOfKubernetesIsOneThatThereIsARecipeFor) {
  auto r = request();
  r.kubernetes_version = "1.30.0";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::unsupported);
  r.kubernetes_version = "1.36";
  EXPECT_EQ(resolve(r, std::nullopt)->kubernetes_version, "v1.36.3");
  r.kubernetes_version = "latest";
  EXPECT_EQ(resolve(r, std::nullopt)->kubernetes_version, versions::kubernetes);
}

TEST(Resolve, FeatureGatesAreThoseOfTheVersion) {
  StartRequest wanted = request();
  wanted.kubernetes_version = "1.34";
  wanted.kubernetes.feature_gates = {{"ContextualLogging=true", "AllAlpha=false", "MemoryManager=true"}};
  const auto spec = resolve(wanted, std::nullopt);
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  wanted.kubernetes.feature_gates = {{"ContextualLoging=true"}};
  const auto typo = resolve(wanted, std::nullopt);
  ASSERT_FALSE(typo.ok());
  EXPECT_EQ(typo.error().id, ErrorId::usage);
  EXPECT_NE(typo.error().what.find("did you mean 'ContextualLogging'?"), std::string::npos) << typo.error().what;
  wanted.kubernetes.feature_gates = {{"APIServerWebhookAuthenticationToken=true"}};
  EXPECT_NE(resolve(wanted, std::nullopt).error().what.find("one of 1.37"), std::string::npos);
  wanted.node_image = "my/node:1";
  EXPECT_TRUE(resolve(wanted, std::nullopt).ok()) << "who knows what is in it";
  EXPECT_TRUE(resolve(request(), *spec).ok());

  ClusterSpec before = *spec;
  before.kubernetes_version = "v1.35.4";
  before.node_image = "skiff-node:v1.35.4-0123456789ab";
  StartRequest upgrade = request();
  upgrade.kubernetes_version = "1.36";
  EXPECT_NE(resolve(upgrade, before).error().what.find("MemoryManager"), std::string::npos) << "it has gone";
  upgrade.kubernetes.feature_gates = std::vector<std::string>();
  EXPECT_TRUE(resolve(upgrade, before).ok());
}

TEST(Resolve, AClusterGoesToTheNextVersionWithAnotherImage) {
  auto saved = made();
  saved.kubernetes_version = "v1.36.3";
  saved.node_image = "skiff-node:v1.36.3-0123456789ab";
  auto r = request();
  EXPECT_EQ(resolve(r, saved)->node_image, saved.node_image) << "unasked it stays as it is";
  r.kubernetes_version = "1.37";
  const auto next = resolve(r, saved);
  ASSERT_TRUE(next.ok()) << next.error().what;
  EXPECT_EQ(next->kubernetes_version, "v1.37.2");
  EXPECT_EQ(next->node_image, "") << "to be found anew";

  r.nodes = node_count(saved) + 1;
  EXPECT_EQ(resolve(r, saved).error().id, ErrorId::usage) << "and grows afterwards";
  r.nodes.reset();
  r.kubernetes_version = "1.35";
  EXPECT_EQ(resolve(r, saved).error().id, ErrorId::unsupported) << "not back";
  r.kubernetes_version = "1.37";
  saved.kubernetes_version = "v1.35.4";
  EXPECT_EQ(resolve(r, saved).error().id, ErrorId::unsupported) << "not two at once";
  saved.kubernetes_version = "v1.36.3";
  saved.node_image = "mine:1";
  EXPECT_EQ(resolve(r, saved).error().id, ErrorId::unsupported) << "nobody knows what is in it";
}

TEST(Plan, EachNodeGetsWhatItNeeds) {
  auto spec = made();
  grow(spec, 5);
  const auto seen = [](const char* name, drivers::NodeState state) {
    return drivers::ObservedNode{{{"lab", ""}, name}, Role::worker, state, {}, ""};
  };
  using enum drivers::NodeState;
  const auto plan = make_plan(
      spec, {seen("lab-cp1", running), seen("lab-w1", stopped), seen("lab-w2", broken), seen("lab-w3", saved)});
  ASSERT_EQ(plan.size(), 5U);
  EXPECT_EQ(plan[0].action, NodeAction::keep);
  EXPECT_EQ(plan[1].action, NodeAction::start);
  EXPECT_EQ(plan[2].action, NodeAction::create);
  EXPECT_EQ(plan[3].action, NodeAction::resume);
  EXPECT_EQ(plan[4].action, NodeAction::create);
}

TEST(Plan, ANodeOfAnotherImageIsUpgraded) {
  auto spec = made();
  grow(spec, 4);
  spec.node_image = "skiff-node:new";
  const auto seen = [](const char* name, drivers::NodeState state, const char* image) {
    return drivers::ObservedNode{{{"lab", ""}, name}, Role::worker, state, {}, image};
  };
  using enum drivers::NodeState;
  const auto plan =
      make_plan(spec, {seen("lab-cp1", running, "skiff-node:old"), seen("lab-w1", stopped, "skiff-node:old"),
                       seen("lab-w2", paused, "skiff-node:old"), seen("lab-w3", running, "skiff-node:new")});
  EXPECT_EQ(plan[0].action, NodeAction::upgrade);
  EXPECT_EQ(plan[1].action, NodeAction::upgrade);
  EXPECT_EQ(plan[2].action, NodeAction::resume) << "it goes on with what it has";
  EXPECT_EQ(plan[3].action, NodeAction::keep);
}

TEST(Resolve, AllOfTheHostIsNoLimit) {
  auto r = request();
  r.cpus = all_cpus;
  for (const auto* word : {"max", "no-limit"}) {
    r.memory = word;
    const auto spec = resolve(r, std::nullopt).value();
    EXPECT_EQ(spec.cpus, 0);
    EXPECT_EQ(spec.memory_mib, 0);
    EXPECT_TRUE(resolve(r, spec).ok());
  }
  r.memory = "most";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::usage);
}

TEST(Resolve, AStaticAddressSaysTheSubnetToo) {
  auto r = request();
  r.nodes = 2;
  r.static_ip = "192.168.200.200";
  const auto spec = resolve(r, std::nullopt).value();
  EXPECT_EQ(to_string(spec.node_subnet), "192.168.200.0/24");
  EXPECT_EQ(to_string(nodes_of(*placed(spec))[0].address), "192.168.200.200");
  EXPECT_EQ(to_string(nodes_of(*placed(spec))[0].pod_cidr), "10.244.200.0/24");
  EXPECT_EQ(to_string(nodes_of(*placed(spec))[1].address), "192.168.200.11");
  EXPECT_TRUE(resolve(r, spec).ok());
  r.static_ip = "192.168.200.201";
  EXPECT_EQ(resolve(r, spec).error().id, ErrorId::profile_conflict);
  r.static_ip = "192.168.80.2";
  EXPECT_TRUE(resolve(r, made()).ok()) << "what it has anyway";
  r.static_ip = "192.168.81.9";
  r.subnet = "192.168.81.0/24";
  EXPECT_EQ(to_string(nodes_of(*placed(resolve(r, std::nullopt).value()))[0].address), "192.168.81.9");
  r.subnet = "192.168.82.0/24";
  EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::usage);
}

TEST(Resolve, AStaticAddressIsNobodyElses) {
  for (const auto* address : {"192.168.200.0", "192.168.200.1", "192.168.200.11", "192.168.200.109", "192.168.200.255",
                              "8.8.8.200", "10.96.0.200", "10.244.3.200", "fd00::2", "host"}) {
    auto r = request();
    r.static_ip = address;
    EXPECT_EQ(resolve(r, std::nullopt).error().id, ErrorId::usage) << address;
  }
}

NodeRequests nodes_with(const std::vector<std::string>& memories, int control_planes = 1) {
  NodeRequests all;
  all.control_planes = control_planes;
  for (const auto& memory : memories) {
    all.nodes.emplace_back();
    if (!memory.empty()) all.nodes.back().memory = memory;
  }
  return all;
}

TEST(Resolve, ControlPlanesAreSomeOfTheNodes) {
  auto three = request();
  three.control_planes = 3;
  EXPECT_EQ(node_count(*resolve(three, std::nullopt)), 3);
  three.nodes = 4;
  const auto spec = *resolve(three, std::nullopt);
  EXPECT_EQ(control_plane_count(spec), 3);
  EXPECT_EQ(node_count(spec), 4);
  three.nodes.reset();
  const auto grown = *resolve(three, made());
  EXPECT_EQ(node_count(grown), 4) << "beside the worker that is there";
  EXPECT_EQ(control_plane_count(*resolve(request(), grown)), 3);
  three.control_planes = 1;
  EXPECT_EQ(resolve(three, grown).error().id, ErrorId::profile_conflict);
  for (const int wrong : {0, 2, 4, 7, -1}) {
    three.control_planes = wrong;
    EXPECT_EQ(resolve(three, std::nullopt).error().advice.rfind("Use 1, 3 or 5", 0), wrong < 1 ? std::string::npos : 0U)
        << wrong;
    EXPECT_FALSE(resolve(three, std::nullopt).ok()) << wrong;
  }
  auto without = request();
  without.control_planes = 3;
  without.kubernetes.none = true;
  EXPECT_EQ(resolve(without, std::nullopt).error().id, ErrorId::usage);
}

TEST(Resolve, OneMoreControlPlaneMayMakeTheirNumberEven) {
  auto one_more = request();
  one_more.more_control_planes = 1;
  auto spec = *resolve(one_more, made());
  EXPECT_EQ(control_plane_count(spec), 2);
  grow_control_planes(spec, most_control_planes);
  EXPECT_EQ(resolve(one_more, spec).error().id, ErrorId::usage) << "there is no tenth";
}

TEST(Resolve, AFileMayNameControlPlanes) {
  auto wanted = request();
  wanted.each_node = nodes_with({"", "", "4g", "2g"}, 3);
  const auto spec = *resolve(wanted, std::nullopt);
  EXPECT_EQ(spec.node_settings.at({Role::control_plane, 3}).memory_mib, 4096);
  EXPECT_EQ(spec.node_settings.at({Role::worker, 1}).memory_mib, 2048);
  wanted.each_node = nodes_with({"", "", "", ""}, 1);
  EXPECT_EQ(resolve(wanted, spec).error().id, ErrorId::profile_conflict) << "no control plane becomes a worker";
  wanted.each_node = nodes_with({"", ""}, 2);
  EXPECT_EQ(resolve(wanted, std::nullopt).error().id, ErrorId::usage);
}

TEST(Resolve, EachNodeMayBeSaid) {
  auto wanted = request();
  wanted.each_node = nodes_with({"", "2g", ""});
  wanted.each_node->nodes.at(2).labels = {"tier=db"};
  const auto spec = resolve(wanted, std::nullopt);
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(node_count(*spec), 3);
  EXPECT_EQ(spec->node_settings.size(), 2U) << "the control plane has nothing of its own";
  EXPECT_EQ(spec->node_settings.at({Role::worker, 1}).memory_mib, 2048);
  EXPECT_EQ(resolve(wanted, *spec)->node_settings, spec->node_settings) << "once more changes nothing";

  auto other = wanted;
  other.each_node->nodes.at(2).labels = {"tier=front"};
  other.each_node->nodes.push_back(nodes_with({"4g"}).nodes[0]);
  const auto changed = resolve(other, *spec);
  ASSERT_TRUE(changed.ok()) << changed.error().what;
  EXPECT_EQ(changed->node_settings.at({Role::worker, 2}).labels.at("tier"), "front");
  EXPECT_EQ(changed->node_settings.at({Role::worker, 3}).memory_mib, 4096);

  other.each_node = nodes_with({"", "3g", ""});
  EXPECT_EQ(resolve(other, *spec).error().id, ErrorId::profile_conflict) << "a size is for life";
  other.each_node = nodes_with({""});
  EXPECT_EQ(resolve(other, *spec).error().id, ErrorId::profile_conflict) << "nodes do not go";
}

TEST(Resolve, ValuesOfAddonsAreSetBesideThoseThatThereAre) {
  auto wanted = request();
  wanted.addon_values["registry"]["size"] = "5Gi";
  auto saved = made();
  saved.addon_values["registry"] = {{"size", "1Gi"}, {"port", "5001"}};
  const auto values = resolve(wanted, saved)->addon_values.at("registry");
  EXPECT_EQ(values.at("size"), "5Gi");
  EXPECT_EQ(values.at("port"), "5001");
}

}  // namespace
}  // namespace skiff::cluster
