// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/home.h"

#include <algorithm>

#include "drivers/driver_table.h"
#include "kube/node/node_tree.h"
#include "sys/env.h"

namespace skiff::cluster {

Home user_home() {
  std::vector<std::string> names;
  for (const auto& driver : drivers::all_drivers()) names.emplace_back(driver.name);
  return {ProfileStore(sys::skiff_home()),
          [](std::string_view name, const std::string& uri) -> Result<std::unique_ptr<drivers::Driver>> {
            return TRY(drivers::find_driver(name)).make(uri);
          },
          std::move(names)};
}

Result<Cluster> open_profile(const Home& home, const std::string& profile) {
  ClusterSpec spec = TRY(home.store.get(profile));
  auto driver = TRY(home.make_driver(spec.driver, spec.driver_uri));
  return Cluster{std::move(spec), std::move(driver)};
}

Error no_kubernetes(const ClusterSpec& spec) {
  return make_error(ErrorId::unsupported, "The cluster '" + spec.profile + "' was started without Kubernetes",
                    "Give it Kubernetes with 'skiff start -p " + spec.profile + " --no-kubernetes=false'");
}

namespace {

// Under the name that the user chose, at the port where the API answers.
std::string user_server(const std::string& name, const std::string& api) {
  if (name.empty()) return {};
  const bool v6 = name.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + name + "]" : name) + api.substr(api.rfind(':'));
}

// By which control plane this host reaches the API: one that runs, if any does; null without any.
const drivers::ObservedNode* way_to_api(const std::vector<drivers::ObservedNode>& nodes) {
  const drivers::ObservedNode* way = nullptr;
  for (const auto& node : nodes) {
    if (node.role != Role::control_plane) continue;
    if (node.state == drivers::NodeState::running) return &node;
    if (way == nullptr) way = &node;
  }
  return way;
}

// Where nodes' addresses answer, so does the one that several control planes share; what is published is one node's.
std::string api_by_way_of(const ClusterSpec& spec, const drivers::ObservedNode& node) {
  const auto network = placed(spec);
  const bool direct = node.api == to_string(node.address) + ":" + std::to_string(spec.kubernetes.api_port);
  return direct && network && shares_api(spec) ? api_of(*network).authority() : node.api;
}

// DevSpace and others know local clusters by it.
std::string provider_of(const ClusterSpec& spec) {
  return spec.node_names == NodeNames::numbers ? "minikube.sigs.k8s.io" : "skiff.dev";
}

// Where the API answers this host, "host:port". Errors: those of api_access().
Result<std::string> api_address(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes) {
  if (spec.no_kubernetes) return no_kubernetes(spec);
  const auto* node = way_to_api(nodes);
  if (node == nullptr) {
    return make_error(ErrorId::cluster_not_running, "The cluster '" + spec.profile + "' has no control plane",
                      "Start it with 'skiff start -p " + spec.profile + "'");
  }
  if (node->api.empty()) {
    return make_error(ErrorId::kube_unreachable,
                      "The API of '" + spec.profile + "' was not published when it was made, and is on another machine",
                      "Work with it on that machine, or delete it and start it anew from here");
  }
  return api_by_way_of(spec, *node);
}

// Asks the user's file alone: an admin's certificate, as api_access() issues it, would be thrown away.
bool leads_by_way_of(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes) {
  const auto api = api_address(spec, nodes);
  if (!api.ok()) return false;
  const std::string named = user_server(spec.kubernetes.api_name, *api);
  const auto state = kube::user_kubeconfig_state(context_of(spec), named.empty() ? "https://" + *api : named);
  return state.ok() && *state == kube::KubeconfigState::right;
}

}  // namespace

Result<kube::Access> api_access(const Home& home, const ClusterSpec& spec,
                                const std::vector<drivers::ObservedNode>& nodes) {
  const std::string api = TRY(api_address(spec, nodes));
  const kube::Authorities authorities = TRY(home.store.authorities(spec.profile));
  return kube::Access{context_of(spec),
                      "https://" + api,
                      authorities.cluster.cert_pem,
                      TRY(kube::issue_admin(authorities, spec.kubernetes)),
                      spec.kubernetes.context_namespace,
                      /*renew_context=*/false,
                      provider_of(spec),
                      user_server(spec.kubernetes.api_name, api)};
}

Result<kube::Access> api_access(const Context& ctx, const Home& home, const Cluster& cluster) {
  return api_access(home, cluster.spec, TRY(cluster.nodes(ctx)));
}

bool kubeconfig_leads_to(const Home& home, const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes) {
  if (home.store.authority_certificate(spec.profile).empty()) return false;  // it is nobody's whom this home knows
  if (leads_by_way_of(spec, nodes)) return true;
  return shares_api(spec) && std::ranges::any_of(nodes, [&](const drivers::ObservedNode& node) {
           return node.role == Role::control_plane && node.state == drivers::NodeState::running &&
                  leads_by_way_of(spec, {node});
         });
}

Result<LiveCluster> connect(const Context& ctx, const Home& home, Cluster cluster) {
  auto access = TRY(api_access(ctx, home, cluster));
  return LiveCluster(std::move(cluster), std::move(access));
}

}  // namespace skiff::cluster
