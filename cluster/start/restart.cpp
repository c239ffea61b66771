// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/restart.h"

#include "cluster/lifecycle.h"
#include "cluster/reach/agent.h"

namespace skiff::cluster {

using drivers::NodeState;

bool restarts_nodes(const std::optional<ClusterSpec>& saved, const ClusterSpec& spec) {
  if (!saved) return false;
  if (saved->no_kubernetes != spec.no_kubernetes) return true;
  return !spec.no_kubernetes && needs_restart(saved->kubernetes, spec.kubernetes);
}

Result<void> check_awake(const std::vector<drivers::ObservedNode>& seen) {
  for (const auto& node : seen) {
    if (!drivers::sleeps(node.state)) continue;
    return make_error(ErrorId::unsupported,
                      "The node " + node.id.name + " sleeps, and would go on with the old settings",
                      "Wake it with 'skiff start' or 'skiff unpause', then start with the new settings");
  }
  return {};
}

Result<std::vector<drivers::ObservedNode>> stopped_nodes(std::vector<drivers::ObservedNode> seen) {
  TRY(check_awake(seen));
  for (auto& node : seen) {
    if (node.state == NodeState::running) node.state = NodeState::stopped;
  }
  return seen;
}

Result<void> stop_for_settings(const Context& ctx, const Home& home, const Cluster& cluster, Undo& undo) {
  Step step(*ctx.events, "restart", "Stopping the nodes, for their new settings");
  undo.add([cluster](const Context& c) { return stop_nodes(c, cluster); });
  TRY(park_agent(ctx, home, cluster.spec.profile));
  TRY(stop_nodes(ctx, cluster));
  step.done();
  return {};
}

}  // namespace skiff::cluster
