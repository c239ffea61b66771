// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/control_planes.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff::cluster {

std::vector<std::string> running_control_planes(const ClusterSpec& spec,
                                                const std::vector<drivers::ObservedNode>& seen) {
  std::vector<std::string> names;
  for (const auto& node : control_planes_of(spec)) {
    if (drivers::runs(seen, node.name)) names.push_back(node.name);
  }
  return names;
}

bool has_majority(const ClusterSpec& spec, const std::vector<std::string>& running) {
  return static_cast<int>(running.size()) >= majority_of(control_plane_count(spec));
}

Result<void> check_departure(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen,
                             const std::string& leaving) {
  const int all = control_plane_count(spec);
  if (all == 1) {
    return make_error(ErrorId::unsupported, "A cluster cannot be without its control plane",
                      "Delete all of it with 'skiff delete -p " + spec.profile + "'");
  }
  if (!shares_api(spec)) return {};
  const auto running = running_control_planes(spec, seen);
  if (running.empty()) {
    return make_error(ErrorId::cluster_not_running,
                      "The control planes of '" + spec.profile + "' do not run, and have to agree that one leaves",
                      "Start the cluster with 'skiff start -p " + spec.profile + "' first");
  }
  const int now = static_cast<int>(running.size());
  const int then = now - static_cast<int>(std::ranges::count(running, leaving));
  if (now >= majority_of(all) && then >= majority_of(all - 1)) return {};
  std::vector<std::string> stopped;
  for (const auto& node : control_planes_of(spec)) {
    if (node.name != leaving && std::ranges::find(running, node.name) == running.end()) stopped.push_back(node.name);
  }
  const std::string advice = stopped.empty() ? "Start " + leaving : "Start " + join(stopped, ", ");
  return make_error(ErrorId::quorum_at_risk,
                    "Without " + leaving + " the cluster's state would have no majority: only " + std::to_string(now) +
                        " of " + std::to_string(all) + " control planes run",
                    advice + " first ('skiff node start')");
}

Result<void> remove_member(const Context& ctx, const Cluster& cluster, const std::string& leaving,
                           const std::vector<std::string>& others) {
  const auto address = address_of(cluster.spec, leaving);
  // Else its etcd would find that it was removed, and join anew. Where the node does not run it does nothing.
  const auto told = capture(ctx, *cluster.driver, cluster.node(leaving), {"touch", "/run/skiff/leaving"});
  if (!told.ok() && told.error().id == ErrorId::interrupted) return told.error();
  Error failed = make_error(ErrorId::node_command_failed, "No control plane took " + leaving + " out of etcd");
  for (const auto& other : others) {
    if (other == leaving) continue;
    // One that never came to run has no name in etcd, only its address.
    const auto removed = capture(ctx, *cluster.driver, cluster.node(other),
                                 {"skiff-member", "remove", leaving, address ? to_string(*address) : ""});
    if (removed.ok() && removed->exit_code == 0) return {};
    failed.trail.push_back(other + ": " + (removed.ok() ? std::string(trim(removed->err)) : removed.error().what));
  }
  return failed;
}

}  // namespace skiff::cluster
