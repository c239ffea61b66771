// SPDX-License-Identifier: Apache-2.0
#include "cluster/status.h"

#include <algorithm>
#include <map>

#include "base/parallel.h"
#include "cluster/nodes/control_planes.h"
#include "cluster/scheduled_stop.h"
#include "kube/client.h"

namespace skiff::cluster {
namespace {

std::string host_text(drivers::NodeState state) {
  switch (state) {
    case drivers::NodeState::running:
      return "Running";
    case drivers::NodeState::stopped:
      return "Stopped";
    case drivers::NodeState::saved:
      return "Saved";
    case drivers::NodeState::paused:
      return "Paused";
    default:
      return "Broken";
  }
}

constexpr auto patience = std::chrono::seconds(5);  // in all

// Did it end for no other reason than that its time was up?
bool late(const Context& limited, const Error& error) {
  if (error.id == ErrorId::interrupted) return false;
  return error.id == ErrorId::timeout || error.id == ErrorId::kube_timeout || limited.deadline.passed();
}

std::string kubelet_text(const JsonArray& objects, const std::string& name) {
  const auto object = std::ranges::find_if(objects, [&](const Json& o) { return text_at(o, "metadata.name") == name; });
  if (object == objects.end()) return "Missing";
  return kube::has_condition(*object, "Ready") ? "Ready" : "NotReady";
}

// Asks the API, and fills in what only it knows.
Result<void> ask_api(const Context& limited, const kube::Access& access, ClusterStatus& report) {
  kube::Client client(access);
  const auto listed = client.list(limited, {"v1", "nodes", false}, "");
  if (!listed.ok() && listed.error().id == ErrorId::interrupted) return listed.error();
  report.api_server = listed.ok()                                      ? "Running"
                      : late(limited, listed.error())                  ? "Unknown"
                      : listed.error().id == ErrorId::kube_unreachable ? "Stopped"
                                                                       : "Error";
  for (auto& node : report.nodes) {
    if (node.host == "Running") node.kubelet = listed.ok() ? kubelet_text(*listed, node.name) : "Unknown";
  }
  return {};
}

// Each of several control planes by itself: which one is ill, behind the address that they share?
Result<void> ask_control_planes(const Context& limited, const kube::Access& access,
                                const std::vector<drivers::ObservedNode>& seen, ClusterStatus& report) {
  return parallel_for(limited, report.nodes, [&](const Context& c, NodeStatus& node) -> Result<void> {
    const auto* found = drivers::find_node(seen, node.name);
    if (node.role == Role::worker || found == nullptr) return {};
    node.api_server = node.etcd = node.host == "Running" ? "Unknown" : "Stopped";
    if (node.host != "Running") return {};
    kube::Access own = access;
    own.server = "https://" + found->api;
    const auto answer = kube::Client(own).raw_get(c, "/readyz/etcd");
    if (!answer.ok() && answer.error().id == ErrorId::interrupted && !c.deadline.passed()) return answer.error();
    if (answer.ok()) {
      node.api_server = "Running";
      node.etcd = answer->status == 200 ? "Running" : "Error";
    } else if (answer.error().id == ErrorId::kube_unreachable && !late(c, answer.error())) {
      node.api_server = "Stopped";
    }
    return {};
  });
}

// What to do when so few control planes run that they cannot agree on anything.
std::string trouble_of(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen) {
  const int all = control_plane_count(spec);
  const auto running = running_control_planes(spec, seen);
  if (!shares_api(spec) || running.empty() || has_majority(spec, running)) return {};
  return "Only " + std::to_string(running.size()) + " of " + std::to_string(all) +
         " control planes run: etcd has no majority, and the API answers nobody. Start the others with 'skiff start "
         "-p " +
         spec.profile + "'";
}

std::string state_of_all(const std::vector<drivers::ObservedNode>& nodes, int wanted) {
  using drivers::NodeState;
  if (nodes.empty()) return "Nonexistent";
  const auto all = [&](NodeState state) {
    return std::ranges::all_of(nodes, [&](const auto& node) { return node.state == state; });
  };
  if (all(NodeState::running)) return static_cast<int>(nodes.size()) >= wanted ? "Running" : "Partial";
  for (const auto state : {NodeState::stopped, NodeState::saved, NodeState::paused}) {
    if (all(state)) return host_text(state);
  }
  const bool some = std::ranges::any_of(nodes, [](const auto& node) { return node.state == NodeState::running; });
  return some ? "Partial" : "Stopped";
}

// The state of the control plane that says most of the API: one that runs, if any does.
std::string host_of_api(const ClusterStatus& report) {
  const auto runs = [](const NodeStatus& node) { return node.role == Role::control_plane && node.host == "Running"; };
  return std::ranges::any_of(report.nodes, runs) ? "Running" : report.nodes.front().host;
}

// Of what is not to be there nothing is amiss.
ClusterStatus without_kubernetes(ClusterStatus report) {
  report.kubernetes_version = no_kubernetes_version;
  report.api_server = report.kubeconfig = irrelevant;
  for (auto& node : report.nodes) node.kubelet = irrelevant;
  return report;
}

}  // namespace

int ClusterStatus::exit_code() const {
  const auto any = [&](const auto& holds) { return std::ranges::any_of(nodes, holds); };
  const bool down = any([](const auto& node) { return node.host != "Running" && node.host != "Unknown"; });
  const bool unready = any([](const auto& node) {
    const bool silent_part = node.host == "Running" && (node.api_server == "Stopped" || node.etcd == "Error");
    return node.kubelet == "NotReady" || node.kubelet == "Missing" || silent_part;
  });
  const bool unknown = api_server == "Unknown" || kubeconfig == "Unknown" || any([](const auto& node) {
                         return node.host == "Unknown" || node.kubelet == "Unknown" || node.api_server == "Unknown";
                       });
  const bool serves = api_server == "Running" || api_server == irrelevant;
  const bool silent = api_server == "Unknown";
  const bool leads =
      kubeconfig == "Unknown" || kubeconfig == irrelevant || (kubeconfig == "Configured" && (serves || silent));
  return (down ? 1 : 0) | (serves || silent ? 0 : 2) | (leads ? 0 : 4) | (unready ? 8 : 0) | (unknown ? 16 : 0);
}

Result<ClusterStatus> status(const Context& ctx, const Home& home, const std::string& profile) {
  const Context limited = ctx.within(patience);
  const auto opened = TRY(open_profile(home, profile));
  const ClusterSpec& spec = opened.spec;
  const auto observed = opened.nodes(limited);
  if (!observed.ok() && !late(limited, observed.error())) return observed.error();

  ClusterStatus report{
      profile,    spec.driver, spec.kubernetes_version, "Unknown", "Unknown", {}, time_to_scheduled_stop(home, profile),
      spec.mounts};
  for (const auto& node : names_of(spec)) {
    const Ipv4 address = address_of(spec, node.name).value_or(Ipv4());
    report.nodes.push_back({node.name, node.role, "Unknown", "Unknown", address});
    if (!observed.ok()) continue;
    const auto* seen = drivers::find_node(*observed, node.name);
    auto& told = report.nodes.back();
    told.host = seen == nullptr ? "Nonexistent" : host_text(seen->state);
    told.kubelet = told.host == "Paused" ? "Paused" : "Stopped";
  }
  const std::string host = host_of_api(report);
  for (auto& node : report.nodes) {
    if (node.host == "Running" && host != "Running") node.kubelet = "Unknown";  // it runs on without an API
  }
  if (spec.no_kubernetes) return without_kubernetes(std::move(report));
  if (!observed.ok()) return report;

  // A stopped node's address is not ours: nothing is sent there.
  report.api_server = host == "Paused" ? "Paused" : "Stopped";
  const auto access = api_access(home, spec, *observed);
  if (!access.ok()) {
    if (host == "Running") return access.error();
    report.kubeconfig = "Misconfigured";  // there is no server to which it could lead
    return report;
  }
  report.trouble = trouble_of(spec, *observed);
  if (host == "Running") {
    const bool several = shares_api(spec);
    // Each fills in what the other leaves alone.
    TRY(parallel(limited, {[&](const Context& c) { return ask_api(c, *access, report); },
                           [&](const Context& c) {
                             return several ? ask_control_planes(c, *access, *observed, report) : Result<void>();
                           }}));
  }
  report.kubeconfig = kubeconfig_leads_to(home, spec, *observed) ? "Configured" : "Misconfigured";
  return report;
}

namespace {

// What the drivers of this host see that no profile of this home accounts for.
std::vector<ProfileSummary> clusters_of_others(const Context& ctx, const Home& home) {
  std::vector<ProfileSummary> summaries;
  for (const auto& name : home.driver_names) {
    const auto driver = home.make_driver(name, "");
    const auto nodes = driver.ok() ? (*driver)->all_nodes(ctx) : driver.error();
    if (!nodes.ok()) continue;  // a provider that is not there has none
    std::map<std::pair<std::string, std::string>, std::vector<drivers::ObservedNode>> clusters;
    for (const auto& node : *nodes) clusters[{node.id.cluster.name, node.id.cluster.id}].push_back(node);
    for (const auto& [key, members] : clusters) {
      const ClusterId cluster(key.first, key.second);
      if (home.store.identity(cluster.name) == cluster) continue;
      const int count = static_cast<int>(members.size());
      const std::string& owner = members.front().owner;
      summaries.push_back({.name = cluster.name,
                           .driver = name,
                           .kubernetes_version = {},
                           .state = state_of_all(members, count),
                           .nodes = count,
                           .problem = {},
                           .owner = owner.empty() ? "unknown" : owner});
    }
  }
  return summaries;
}

}  // namespace

Result<std::vector<ProfileSummary>> list_profiles(const Context& ctx, const Home& home, bool ask) {
  const Context limited = ctx.within(patience);
  std::vector<ProfileSummary> summaries;
  const std::string current = kube::user_current_context().value_or("");
  for (const auto& name : home.store.names()) {
    ProfileSummary summary{.name = name, .driver = {}, .kubernetes_version = {}, .state = "Unknown", .problem = {}};
    const auto opened = open_profile(home, name);
    if (!opened.ok()) {
      summary.problem = opened.error().what;
      summaries.push_back(std::move(summary));
      continue;
    }
    summary.driver = opened->spec.driver;
    summary.kubernetes_version =
        opened->spec.no_kubernetes ? std::string(no_kubernetes_version) : opened->spec.kubernetes_version;
    summary.nodes = node_count(opened->spec);
    if (!ask) {
      summary.state = "Skipped";
      summary.current = context_of(opened->spec) == current;
      summaries.push_back(std::move(summary));
      continue;
    }
    const auto nodes = opened->nodes(limited);
    if (nodes.ok()) {
      summary.state = state_of_all(*nodes, summary.nodes);
      if (!opened->spec.no_kubernetes && context_of(opened->spec) == current) {
        summary.current = kubeconfig_leads_to(home, opened->spec, *nodes);
      }
    } else if (nodes.error().id == ErrorId::interrupted) {
      return nodes.error();
    } else {
      summary.problem = late(limited, nodes.error()) ? "the driver did not answer in time" : nodes.error().what;
    }
    summaries.push_back(std::move(summary));
  }
  if (ask) std::ranges::move(clusters_of_others(limited, home), std::back_inserter(summaries));
  return summaries;
}

}  // namespace skiff::cluster
