// SPDX-License-Identifier: Apache-2.0
// The verbs that make, change and remove clusters, on machines and an API in memory.
#include "cluster/start/start.h"

#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "cluster/nodes/node_removal.h"
#include "cluster/status.h"
#include "kube/objects.h"
#include "model/architecture.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::kubeconfig_of_others;
using fakes::ObjectStore;
using fakes::Verdict;
using fakes::words;

class StartTest : public fakes::LabWorld {
 protected:
  StartTest() { temporary.write_kubeconfig(kubeconfig_of_others); }

  std::vector<std::string> actions(const StartReport& report) {
    std::vector<std::string> all;
    for (const auto& planned : report.plan)
      all.push_back(planned.node.name + " " + std::string(to_string(planned.action)));
    return all;
  }
  std::vector<std::string> nodes_of_api() {
    return world.kubernetes("lab")->with([](ObjectStore& store) {
      std::vector<std::string> names;
      for (const auto& [key, node] : store.list("/api/v1", "nodes")) names.push_back(key.name);
      return names;
    });
  }
  std::string label(const std::string& node, const std::string& key) {
    return world.kubernetes("lab")->with([&](ObjectStore& store) {
      const Json* labels = find(*store.get({"/api/v1", "nodes", "", node}), "metadata.labels");
      const auto* value = labels->get_object().if_contains(key);
      return value != nullptr ? std::string(value->as_string()) : "";
    });
  }
  void keep(const std::string& name) {
    world.kubernetes("lab")->with([&](ObjectStore& store) {
      store.put({"/api/v1", "configmaps", "default", name}, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}});
    });
  }
  bool kept(const std::string& name) {
    auto* kubernetes = world.kubernetes("lab");
    return kubernetes != nullptr && kubernetes->with([&](ObjectStore& store) {
      return store.get({"/api/v1", "configmaps", "default", name}) != nullptr;
    });
  }
};

using Strings = std::vector<std::string>;

TEST_F(StartTest, AFirstStartMakesAClusterThatIsUsable) {
  const auto report = start_nodes(3);
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(actions(*report), (Strings{"lab-cp1 create", "lab-w1 create", "lab-w2 create"}));
  EXPECT_EQ(report->api_server, "https://127.0.0.1:" + std::to_string(world.port_of("lab")));
  EXPECT_EQ(nodes_of_api(), (Strings{"lab-cp1", "lab-w1", "lab-w2"}));
  EXPECT_EQ(node_count(home.store.get("lab").value()), 3);
  EXPECT_FALSE(home.store.unfinished("lab"));
  EXPECT_EQ(kube::user_kubeconfig_state("lab", report->api_server).value(), kube::KubeconfigState::right);
  EXPECT_NE(temporary.kubeconfig_text().find("# the company's"), std::string::npos);
  const bool stored = world.kubernetes("lab")->with([](ObjectStore& store) {
    return store.get({"/apis/storage.k8s.io/v1", "storageclasses", "", "standard"}) != nullptr;
  });
  EXPECT_TRUE(stored) << "an addon that is on by default";
}

TEST_F(StartTest, TheControlPlaneOfOneNodeTakesPodsAndThatOfSeveralDoesNot) {
  const auto taints = [&] {
    return world.kubernetes("lab")->with([](ObjectStore& store) {
      return array_at(*store.get({"/api/v1", "nodes", "", "lab-cp1"}), "spec.taints").size();
    });
  };
  ASSERT_TRUE(start().ok());
  EXPECT_EQ(taints(), 0U);
  ASSERT_TRUE(start_nodes(2).ok());
  EXPECT_EQ(taints(), 1U);
}

TEST_F(StartTest, ASecondStartHasNothingToDo) {
  ASSERT_TRUE(start_nodes(2).ok());
  keep("mine");
  const auto machines = world.volumes;
  const auto report = start();
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(actions(*report), (Strings{"lab-cp1 keep", "lab-w1 keep"}));
  EXPECT_EQ(world.volumes.at("lab-w1").content, machines.at("lab-w1").content);
  EXPECT_TRUE(kept("mine"));
}

TEST_F(StartTest, WithoutKubernetesNothingIsSaidToAnApiUntilItComes) {
  world.provider.command = [](const drivers::NodeId&, const drivers::ExecRequest& request) -> std::optional<int> {
    if (request.argv.back().find("containerd.sock") == std::string::npos) return std::nullopt;
    return 0;
  };
  StartRequest bare;
  bare.kubernetes.none = true;
  bare.nodes = 2;
  const auto first = start(bare);
  ASSERT_TRUE(first.ok()) << words(first.error());
  EXPECT_EQ(temporary.kubeconfig_text(), kubeconfig_of_others);
  EXPECT_EQ(connect(ctx, home, *open_profile(home, "lab")).error().id, ErrorId::unsupported);

  StartRequest whole;
  whole.kubernetes.none = false;
  const auto second = start(whole);
  ASSERT_TRUE(second.ok()) << words(second.error());
  EXPECT_EQ(actions(*second), (std::vector<std::string>{"lab-cp1 start", "lab-w1 start"}));
  EXPECT_EQ(home.store.get("lab")->addons, std::vector<std::string>{"storage"}) << "as of a first start";
  EXPECT_NE(temporary.kubeconfig_text().find("name: lab"), std::string::npos);
}

TEST_F(StartTest, WhereTheContainerRuntimeDoesNotAnswerNothingIsLeft) {
  StartRequest bare;
  bare.kubernetes.none = true;
  const auto failed = start(bare);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::node_failed);
  EXPECT_TRUE(world.provider.machines.empty());
}

TEST_F(StartTest, CertificatesThatRunOutAreRenewedByAStart) {
  ASSERT_TRUE(start_nodes(2).ok());
  int code = 0;
  world.provider.command = [&](const drivers::NodeId& node, const drivers::ExecRequest& request) -> std::optional<int> {
    if (request.argv.back().find("-checkend") == std::string::npos) return std::nullopt;
    return node.name == "lab-w1" ? code : 0;
  };
  const auto fresh = start();
  ASSERT_TRUE(fresh.ok()) << words(fresh.error());
  EXPECT_EQ(actions(*fresh), (std::vector<std::string>{"lab-cp1 keep", "lab-w1 keep"}));
  for (code = 1; code <= 2; ++code) {
    const auto renewed = start();
    ASSERT_TRUE(renewed.ok()) << words(renewed.error());
    EXPECT_EQ(actions(*renewed), (std::vector<std::string>{"lab-cp1 start", "lab-w1 start"}));
  }
}

TEST_F(StartTest, WhatADriverCannotDoIsRefusedBeforeAnythingIsMade) {
  StartRequest ports;
  ports.ports = {{"8080:80"}};
  StartRequest network;
  network.network = "shared";
  for (const auto& request : {ports, network}) {
    const auto refused = start(request);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().id, ErrorId::unsupported);
  }
  EXPECT_TRUE(world.provider.machines.empty());
}

TEST_F(StartTest, KubeconfigLeadsToTheNameThatWasChosenForTheApi) {
  StartRequest named;
  named.kubernetes.api_name = "api.lab.example";
  const auto started = start(named);
  ASSERT_TRUE(started.ok()) << words(started.error());
  EXPECT_NE(temporary.kubeconfig_text().find("server: https://api.lab.example:"), std::string::npos);
  EXPECT_TRUE(status(ctx, home, "lab")->kubeconfig == "Configured");
}

TEST_F(StartTest, NodesOfOthersStayAndWhatAGrowthLeftGoes) {
  ASSERT_TRUE(start_nodes(2).ok());
  world.kubernetes("lab")->with([](ObjectStore& store) {
    for (const std::string name : {"kwok-0", "lab-w9"}) {
      store.put({"/api/v1", "nodes", "", name}, {{"apiVersion", "v1"}, {"kind", "Node"}});
    }
  });
  ASSERT_TRUE(start().ok());
  EXPECT_EQ(nodes_of_api(), (std::vector<std::string>{"kwok-0", "lab-cp1", "lab-w1"}));
}

TEST_F(StartTest, NodesMayBeCalledAsMinikubeCallsThem) {
  StartRequest request;
  request.nodes = 2;
  request.node_names = NodeNames::numbers;
  ASSERT_TRUE(start(request).ok());
  EXPECT_EQ(nodes_of_api(), (std::vector<std::string>{"lab", "lab-m02"}));
  EXPECT_EQ(label("lab", "minikube.k8s.io/name"), "lab");
  EXPECT_EQ(label("lab", "minikube.k8s.io/primary"), "true");
  EXPECT_EQ(label("lab-m02", "minikube.k8s.io/primary"), "false");
  for (const std::string key : {"version", "commit", "updated_at"})
    EXPECT_FALSE(label("lab-m02", "minikube.k8s.io/" + key).empty()) << key;
  EXPECT_EQ(actions(start_nodes(3).value()), (std::vector<std::string>{"lab keep", "lab-m02 keep", "lab-m03 create"}));
}

TEST_F(StartTest, AnAddedNodeHasItsOwnSizeLabelsAndTaints) {
  ASSERT_TRUE(start_nodes(1).ok());
  StartRequest request;
  request.nodes = 2;
  request.new_nodes = {.cpus = 2, .memory = "1g", .labels = {"tier=db"}, .taints = {"dedicated=db:NoSchedule"}};
  const auto grown = start(request);
  ASSERT_TRUE(grown.ok()) << words(grown.error());
  const auto nodes = nodes_of(*placed(home.store.get("lab").value()));
  EXPECT_EQ(nodes[0].cpus, 0);
  EXPECT_EQ(nodes[1].cpus, 2);
  EXPECT_EQ(nodes[1].memory_mib, 1024);
  EXPECT_EQ(label("lab-w1", "tier"), "db");
  EXPECT_EQ(world.kubernetes("lab")->with([](ObjectStore& store) {
    return to_text(*find(*store.get({"/api/v1", "nodes", "", "lab-w1"}), "spec.taints"));
  }),
            R"([{"key":"dedicated","effect":"NoSchedule","value":"db"}])");
  ASSERT_TRUE(remove_node(ctx, home, {.profile = "lab", .node = "w1"}).ok());
  EXPECT_TRUE(home.store.get("lab").value().node_settings.empty());

  for (const auto& wrong : {NodeRequest{.cpus = -1, .memory = {}, .labels = {}, .taints = {}},
                            NodeRequest{.cpus = {}, .memory = "1m", .labels = {}, .taints = {}},
                            NodeRequest{.cpus = {}, .memory = {}, .labels = {"-x=y"}, .taints = {}},
                            NodeRequest{.cpus = {}, .memory = {}, .labels = {}, .taints = {"a=b:Never"}}}) {
    request.new_nodes = wrong;
    EXPECT_FALSE(start(request).ok());
  }
  EXPECT_EQ(world.provider.machines.size(), 1U);
}

TEST_F(StartTest, ANodeImageOfAnotherTreeFormatIsRefusedAndTheClusterStaysAsItIs) {
  ASSERT_TRUE(start_nodes(1).ok());
  world.provider.tree_formats[home.store.get("lab").value().node_image] = 99;
  const auto refused = start();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::image_unsupported);
  EXPECT_EQ(refused.error().advice.rfind("Renew this skiff", 0), 0U);
  EXPECT_EQ(state("lab-cp1"), drivers::NodeState::running);
}

TEST_F(StartTest, AStartAfterAStopGoesOnWithWhatThereWas) {
  ASSERT_TRUE(start_nodes(2).ok());
  keep("mine");
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  EXPECT_EQ(state("lab-cp1"), drivers::NodeState::stopped);
  EXPECT_EQ(temporary.kubeconfig_text().find("current-context: lab"), std::string::npos);
  const auto report = start();
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(actions(*report), (Strings{"lab-cp1 start", "lab-w1 start"}));
  EXPECT_TRUE(kept("mine"));
}

TEST_F(StartTest, AMachineThatWasRemovedByHandComesBackWithItsStorage) {
  ASSERT_TRUE(start_nodes(2).ok());
  keep("mine");
  const std::string storage = world.volumes.at("lab-w1").content;
  for (const auto* node : {"lab-w1", "lab-cp1"}) {
    world.lose_machine(node);
    const auto report = start();
    ASSERT_TRUE(report.ok()) << words(report.error());
    EXPECT_EQ(state(node), drivers::NodeState::running);
  }
  EXPECT_EQ(world.volumes.at("lab-w1").content, storage);
  EXPECT_TRUE(kept("mine"));
}

TEST_F(StartTest, AClusterGrowsAndItsImagesComeAlong) {
  ASSERT_TRUE(start().ok());
  world.provider.machines.at("lab-cp1").files["/images/docker.io/my/app:dev"] = "image";
  const auto report = start_nodes(3);
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(actions(*report), (Strings{"lab-cp1 keep", "lab-w1 create", "lab-w2 create"}));
  EXPECT_TRUE(world.provider.machines.at("lab-w2").files.contains("/images/docker.io/my/app:dev"));
  EXPECT_EQ(node_count(home.store.get("lab").value()), 3);
}

TEST_F(StartTest, PausedNodesGoOnByUnpauseAndByStart) {
  ASSERT_TRUE(start_nodes(2).ok());
  for (int turn = 0; turn < 2; ++turn) {
    ASSERT_TRUE(pause(ctx, home, "lab").ok());
    EXPECT_EQ(state("lab-w1"), drivers::NodeState::paused);
    if (turn == 0) {
      ASSERT_TRUE(unpause(ctx, home, "lab").ok());
    } else {
      const auto report = start();
      ASSERT_TRUE(report.ok()) << words(report.error());
      EXPECT_EQ(actions(*report), (Strings{"lab-cp1 resume", "lab-w1 resume"}));
    }
    EXPECT_EQ(state("lab-w1"), drivers::NodeState::running);
  }
}

TEST_F(StartTest, NodesGetWhatTheirOwnHostHas) {
  world.provider.resolver = {{"198.51.100.7"}, {"far.example"}};
  world.provider.uplink_mtu = 1380;
  ASSERT_TRUE(start_nodes(2).ok());
  const auto file = [&](const std::string& path) { return world.provider.machines.at("lab-w1").files.at(path); };
  EXPECT_EQ(file("/etc/skiff/resolv.conf"), "nameserver 198.51.100.7\nsearch far.example\n");
  EXPECT_NE(file("/etc/cni/net.d/10-skiff.conflist").find("\"mtu\": 1380"), std::string::npos);

  ASSERT_TRUE(pause(ctx, home, "lab").ok());
  world.provider.resolver = {};
  const auto report = start();
  ASSERT_TRUE(report.ok()) << words(report.error());
  const std::string gateway = to_string(home.store.get("lab").value().node_subnet.host(1));
  EXPECT_EQ(file("/etc/skiff/resolv.conf"), "nameserver " + gateway + "\n") << "they go on, with what is known now";
}

TEST_F(StartTest, ANodesClockNeedNotBeThatOfThisHost) {
  for (const std::time_t ahead : {-86400, 86400}) {
    world.provider.clock_ahead = ahead;
    ASSERT_TRUE(start_nodes(2).ok());
    ASSERT_TRUE(stop(ctx, home, "lab").ok());
    auto report = start();
    ASSERT_TRUE(report.ok()) << "started, " << ahead << ": " << words(report.error());
    ASSERT_TRUE(pause(ctx, home, "lab").ok());
    report = start();
    ASSERT_TRUE(report.ok()) << "resumed, " << ahead << ": " << words(report.error());
    ASSERT_TRUE(remove(ctx, home, "lab").ok());
  }
}

TEST_F(StartTest, AWorkerLeavesAndItsPodsGoElsewhere) {
  ASSERT_TRUE(start_nodes(2).ok());
  world.kubernetes("lab")->with([](ObjectStore& store) {
    store.put({"/apis/apps/v1", "deployments", "default", "web"},
              {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"spec", {{"replicas", 1}}}});
  });
  const auto removed = remove_node(ctx, home, {"lab", "w1"});
  ASSERT_TRUE(removed.ok()) << words(removed.error());
  EXPECT_EQ(nodes_of_api(), Strings{"lab-cp1"});
  EXPECT_FALSE(world.volumes.contains("lab-w1"));
  EXPECT_EQ(node_count(home.store.get("lab").value()), 1);
  const auto where = world.kubernetes("lab")->with([](ObjectStore& store) {
    Strings nodes;
    for (const auto& [key, pod] : store.list("/api/v1", "pods", "default"))
      nodes.push_back(text_at(pod, "spec.nodeName"));
    return nodes;
  });
  EXPECT_EQ(where, Strings{"lab-cp1"});
}

TEST_F(StartTest, DeleteLeavesNothing) {
  ASSERT_TRUE(start_nodes(2).ok());
  const auto removed = remove(ctx, home, "lab");
  ASSERT_TRUE(removed.ok()) << words(removed.error());
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_TRUE(world.volumes.empty());
  EXPECT_TRUE(world.provider.networks.empty());
  EXPECT_FALSE(sys::exists(home.store.folder("lab")));
  EXPECT_TRUE(sys::list_folder(home.folder() + "/locks").empty());
  EXPECT_EQ(temporary.kubeconfig_text().find("lab"), std::string::npos);
  EXPECT_NE(temporary.kubeconfig_text().find("# the company's"), std::string::npos);
  EXPECT_EQ(remove(ctx, home, "lab").error().id, ErrorId::profile_not_found);
}

TEST_F(StartTest, ADryRunPlansAndChangesNothing) {
  StartRequest request;
  request.nodes = 2;
  request.dry_run = true;
  const auto report = start(request);
  ASSERT_TRUE(report.ok()) << words(report.error());
  EXPECT_EQ(actions(*report), (Strings{"lab-cp1 create", "lab-w1 create"}));
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_TRUE(home.store.names().empty());
  EXPECT_EQ(temporary.kubeconfig_text(), kubeconfig_of_others);
}

TEST_F(StartTest, NodesOfAnotherArchitectureAreRefusedBeforeAnythingIsMade) {
  world.provider.traits_value.architecture = "s390x";
  const auto report = start();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().id, ErrorId::unsupported);
  EXPECT_NE(report.error().what.find("s390x"), std::string::npos);
  EXPECT_TRUE(world.provider.networks.empty());
  EXPECT_FALSE(home.store.find("lab").value().has_value());

  world.provider.traits_value.architecture = node_architecture;
  EXPECT_TRUE(start().ok());
}

}  // namespace
}  // namespace skiff::cluster
