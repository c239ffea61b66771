// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/upgrade.h"

#include <algorithm>

#include "cluster/nodes/drain.h"
#include "cluster/nodes/node_access.h"
#include "cluster/start/bring_up.h"

namespace skiff::cluster {
namespace {

using drivers::ObservedNode;
using drivers::runs;

// Pods that do not leave in time end with the node.
Result<void> give_pods_away(const Context& ctx, kube::Client& client, const std::string& node) {
  constexpr auto longest = std::chrono::minutes(1);
  auto drained = drain(ctx.within(longest), client, node);
  if (drained.ok() || drained.error().id == ErrorId::interrupted) return drained;
  ctx.events->warning("Not all pods of " + node + " left it, and they are ended: " + drained.error().what);
  return {};
}

// A node that runs gives its pods away and stops. Where there is no other node for them, they wait for this one.
Result<void> vacate(const Context& ctx, const Home& home, const Cluster& cluster, const std::string& node, Undo& undo) {
  if (node_count(cluster.spec) > 1) {
    auto live = TRY(connect(ctx, home, cluster));
    undo.add([&home, cluster, node](const Context& c) -> Result<void> {
      auto undone = TRY(connect(c, home, cluster));
      return reopen(c.within(std::chrono::seconds(5)), undone.client, node);
    });
    TRY(close_for_now(ctx, live.client, node));
    TRY(give_pods_away(ctx, live.client, node));
  }
  return cluster.driver->stop_node(ctx, cluster.node(node));
}

}  // namespace

bool upgrades(const std::vector<PlannedNode>& plan) {
  return std::ranges::any_of(plan, [](const PlannedNode& each) { return each.action == NodeAction::upgrade; });
}

bool upgrades_running(const std::vector<PlannedNode>& plan, const std::vector<ObservedNode>& seen) {
  return std::ranges::any_of(
      plan, [&](const PlannedNode& each) { return each.action == NodeAction::upgrade && runs(seen, each.node.name); });
}

Result<void> check_upgrade_of_nodes(const ClusterSpec& spec, const std::vector<ObservedNode>& seen) {
  for (const auto& node : seen) {
    if (is_of_image(spec, node) || !drivers::sleeps(node.state)) continue;
    return make_error(ErrorId::unsupported, "The node " + node.id.name + " sleeps, and would go on as it is",
                      "Wake it with 'skiff unpause' first");
  }
  return {};
}

Result<void> upgrade_in_turn(const Context& ctx, Duration patience, const Home& home, const Cluster& cluster,
                             const std::vector<PlannedNode>& plan, const std::vector<ObservedNode>& seen,
                             const Supplies& supplies, Undo& undo) {
  const PlacedSpec spec(cluster.spec, cluster.spec.node_subnet);  // nodes that run have a network
  const auto turn = [&](const Context& c, const PlannedNode& planned) -> Result<void> {
    const auto& [node, action] = planned;
    Step step(*ctx.events, "upgrade", "Taking " + node.name + " to Kubernetes " + spec.kubernetes_version);
    if (runs(seen, node.name)) TRY(vacate(c, home, cluster, node.name, undo));
    auto live = TRY(provision(c, home, spec, cluster.driver, {planned}, supplies, undo));
    TRY(make_as_usable_as_it_gets(c, live, {planned}, {planned}, supplies.facts));
    step.done();
    return {};
  };
  for (const auto& planned : plan) {
    if (planned.action == NodeAction::keep) continue;
    TRY(with_trail(turn(ctx.within(patience), planned),
                   "'skiff start -p " + spec.profile + "' goes on with the upgrade"));
  }
  return {};
}

}  // namespace skiff::cluster
