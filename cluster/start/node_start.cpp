// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/node_start.h"

#include <algorithm>

#include "cluster/nodes/control_planes.h"
#include "cluster/nodes/node_access.h"
#include "cluster/start/bare.h"
#include "cluster/start/bring_up.h"
#include "cluster/start/inotify.h"
#include "cluster/start/provision.h"
#include "cluster/store/ownership.h"
#include "cluster/undo.h"

namespace skiff::cluster {
namespace {

// No node becomes Ready without them. `starting`: one that would run then.
Result<void> check_control_planes(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen,
                                  const Member& starting) {
  auto running = running_control_planes(spec, seen);
  const std::string name = name_of(spec, starting);
  if (starting.role == Role::control_plane && std::ranges::find(running, name) == running.end())
    running.push_back(name);
  const int all = control_plane_count(spec);
  if (has_majority(spec, running)) return {};
  return make_error(ErrorId::cluster_not_running,
                    all == 1 ? "The control plane of '" + spec.profile + "' does not run"
                             : "Only " + std::to_string(running.size()) + " of the " + std::to_string(all) +
                                   " control planes of '" + spec.profile + "' would run",
                    "Start the whole cluster with 'skiff start -p " + spec.profile + "'");
}

}  // namespace

Result<NodeStarted> start_one_node(const Context& ctx, const Home& home, const NodeStart& wanted) {
  TRY(check_profile_name(wanted.profile));
  const auto lock = TRY(home.store.lock(ctx, wanted.profile));
  const auto cluster = TRY(open_profile(home, wanted.profile));
  const auto& [spec, driver] = cluster;
  const Member member = TRY(find_member(spec, wanted.node));
  TRY(driver->check(ctx));
  const auto traits = TRY(driver->traits(ctx));
  const auto seen = TRY(own_nodes(ctx, *driver, spec));
  TRY(check_control_planes(spec, seen, member));
  const auto with_network = placed(spec);
  if (!with_network) {
    return make_error(ErrorId::cluster_not_running, "The cluster '" + spec.profile + "' has no network yet",
                      "Start the whole cluster with 'skiff start -p " + spec.profile + "'");
  }
  auto running = make_plan(spec, seen);  // with the node itself
  std::erase_if(running, [&](const PlannedNode& planned) {
    return planned.node.name != name_of(spec, member) && planned.action != NodeAction::keep;
  });
  auto plan = running;
  std::erase_if(plan, [&](const PlannedNode& planned) { return planned.node.name != name_of(spec, member); });

  auto given = TRY(from_user(ctx, home, spec));
  Undo undo(*ctx.events);
  TRY(home.store.mark_unfinished(cluster.id()));
  undo.add([&](const Context&) { return home.store.mark_finished(wanted.profile); });
  TRY(ensure_image(ctx, cluster, traits));
  const Context limited = ctx.within(wanted.wait_timeout.value_or(usual_wait(traits)));
  if (plan.front().action != NodeAction::keep) warn_of_inotify(ctx, traits, 1);
  const auto supplies = TRY(supplies_of(limited, home, cluster, traits, std::move(given)));
  if (spec.no_kubernetes) {
    TRY(provide_nodes(limited, *with_network, driver, plan, supplies, undo));
    TRY(await_runtimes(limited, cluster, plan));
  } else {
    auto live = TRY(provision(limited, home, *with_network, driver, plan, supplies, undo));
    TRY(make_as_usable_as_it_gets(limited, live, plan, running, supplies.facts));
  }
  TRY(home.store.mark_finished(spec.profile));
  undo.dismiss();
  return NodeStarted{cluster.node(plan.front().node.name), plan.front().action};
}

}  // namespace skiff::cluster
