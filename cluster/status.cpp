#include "cluster/status.h"

#include <algorithm>
#include <map>

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

}  // namespace

int ClusterStatus::exit_code() const {
  const bool hosts = std::ranges::all_of(nodes, [](const NodeStatus& node) { return node.host == "Running"; });
  return (hosts ? 0 : 1) | (api_server == "Running" ? 0 : 2) | (kubeconfig == "Configured" ? 0 : 4);
}

Result<ClusterStatus> status(const Context& ctx, const Services& services, const std::string& profile) {
  const auto opened = TRY(open_profile(services, profile));
  const ClusterSpec& spec = opened.spec;
  const auto observed = TRY(opened.driver->nodes(ctx, identity_of(spec)));

  ClusterStatus report{profile, spec.driver, spec.kubernetes_version, "Stopped", "Misconfigured", {}};
  for (const auto& node : nodes_of(spec)) {
    const auto seen = std::ranges::find_if(observed, [&](const auto& o) { return o.id.name == node.name; });
    const std::string host = seen == observed.end() ? "Nonexistent" : host_text(seen->state);
    report.nodes.push_back({node.name, node.role, host, "Stopped", node.address});
  }

  std::string server;
  // A stopped node's address is not ours: nothing is sent there.
  if (report.nodes.front().host == "Running") {
    const kube::Access access = TRY(api_access(services, spec, observed));
    server = access.server;
    kube::Client client(access);
    const auto listed = client.list(ctx.within(std::chrono::seconds(1)), {"v1", "nodes", false}, "");
    if (!listed.ok() && listed.error().id == ErrorId::interrupted) return listed.error();
    report.api_server = listed.ok() ? "Running" : "Stopped";
    for (auto& node : report.nodes) {
      if (!listed.ok() || node.host != "Running") continue;
      const bool ready = std::ranges::any_of(*listed, [&](const Json& object) {
        return text_at(object, "metadata.name") == node.name && kube::has_condition(object, "Ready");
      });
      node.kubelet = ready ? "Ready" : "NotReady";
    }
  }
  if (report.api_server != "Running") {
    report.kubeconfig = "Stopped";  // right or wrong, it leads nowhere
    return report;
  }
  const auto kubeconfig = kube::user_kubeconfig_state(profile, server);
  if (kubeconfig.ok() && *kubeconfig == kube::KubeconfigState::right) report.kubeconfig = "Configured";
  return report;
}

namespace {

// How many nodes of a cluster run, in a word.
std::string state_of(const std::vector<drivers::ObservedNode>& nodes, int wanted) {
  const auto running =
      std::ranges::count_if(nodes, [](const auto& node) { return node.state == drivers::NodeState::running; });
  if (nodes.empty()) return "Nonexistent";
  if (running == wanted) return "Running";
  return running == 0 ? "Stopped" : "Partial";
}

// Whether the user's kubeconfig leads to this very cluster under its name.
bool leads_to(const Services& services, const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes) {
  const auto access = api_access(services, spec, nodes);
  const auto state = access.ok() ? kube::user_kubeconfig_state(spec.profile, access->server) : access.error();
  return state.ok() && *state == kube::KubeconfigState::right;
}

// What the drivers of this host see that no profile of this home accounts for.
std::vector<ProfileSummary> clusters_of_others(const Context& ctx, const Services& services) {
  std::vector<ProfileSummary> summaries;
  for (const auto& name : services.driver_names) {
    const auto driver = services.make_driver(name, "");
    const auto nodes = driver.ok() ? (*driver)->all_nodes(ctx) : driver.error();
    if (!nodes.ok()) continue;  // a provider that is not there has none
    std::map<std::pair<std::string, std::string>, std::vector<drivers::ObservedNode>> clusters;
    for (const auto& node : *nodes) clusters[{node.id.cluster.name, node.id.cluster.id}].push_back(node);
    for (const auto& [key, members] : clusters) {
      const ClusterId cluster(key.first, key.second);
      if (services.store.identity(cluster.name) == cluster) continue;
      const int count = static_cast<int>(members.size());
      const std::string& owner = members.front().owner;
      summaries.push_back({.name = cluster.name,
                           .driver = name,
                           .kubernetes_version = {},
                           .state = state_of(members, count),
                           .nodes = count,
                           .problem = {},
                           .owner = owner.empty() ? "unknown" : owner});
    }
  }
  return summaries;
}

}  // namespace

Result<std::vector<ProfileSummary>> list_profiles(const Context& ctx, const Services& services) {
  std::vector<ProfileSummary> summaries;
  const std::string current = kube::user_current_context().value_or("");
  for (const auto& name : services.store.names()) {
    ProfileSummary summary{.name = name, .driver = {}, .kubernetes_version = {}, .state = "Unknown", .problem = {}};
    const auto opened = open_profile(services, name);
    if (!opened.ok()) {
      summary.problem = opened.error().what;
      summaries.push_back(std::move(summary));
      continue;
    }
    summary.driver = opened->spec.driver;
    summary.kubernetes_version = opened->spec.kubernetes_version;
    summary.nodes = opened->spec.nodes;
    if (const auto nodes = opened->driver->nodes(ctx, identity_of(opened->spec)); nodes.ok()) {
      summary.state = state_of(*nodes, opened->spec.nodes);
      summary.current = name == current && leads_to(services, opened->spec, *nodes);
    } else {
      summary.problem = nodes.error().what;
    }
    summaries.push_back(std::move(summary));
  }
  for (auto& other : clusters_of_others(ctx, services)) summaries.push_back(std::move(other));
  return summaries;
}

}  // namespace skiff::cluster
