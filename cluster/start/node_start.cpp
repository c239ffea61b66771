#include "cluster/start/node_start.h"

#include <algorithm>

#include "cluster/network/pod_network.h"
#include "cluster/nodes/node_access.h"
#include "cluster/start/bare.h"
#include "cluster/start/bring_up.h"
#include "cluster/start/home_files.h"
#include "cluster/start/inotify.h"
#include "cluster/start/provision.h"
#include "cluster/store/ownership.h"
#include "cluster/undo.h"

namespace skiff::cluster {
namespace {

// No worker becomes Ready without it.
Result<void> check_control_plane(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen) {
  const bool runs = std::ranges::any_of(seen, [](const drivers::ObservedNode& node) {
    return node.role == Role::control_plane && node.state == drivers::NodeState::running;
  });
  if (runs) return {};
  return make_error(ErrorId::cluster_not_running, "The control plane of '" + spec.profile + "' does not run",
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
  if (member.role == Role::worker) TRY(check_control_plane(spec, seen));
  const auto with_network = placed(spec);
  if (!with_network) return check_control_plane(spec, {}).error();
  auto running = make_plan(spec, seen);  // with the node itself
  std::erase_if(running, [&](const PlannedNode& planned) {
    return planned.node.name != name_of(spec, member) && planned.action != NodeAction::keep;
  });
  auto plan = running;
  std::erase_if(plan, [&](const PlannedNode& planned) { return planned.node.name != name_of(spec, member); });

  auto user_files = TRY(home_files(home.folder(), *ctx.events));
  Undo undo(*ctx.events);
  TRY(home.store.mark_unfinished(cluster.id()));
  undo.add([&](const Context&) { return home.store.mark_finished(wanted.profile); });
  TRY(ensure_image(ctx, *driver, traits, spec.node_image));
  const Context limited = ctx.within(wanted.wait_timeout.value_or(usual_wait(traits)));
  if (plan.front().action != NodeAction::keep) warn_of_inotify(ctx, traits, 1);
  const auto supplies = TRY(supplies_of(limited, home, cluster, traits, std::move(user_files)));
  if (spec.no_kubernetes) {
    TRY(provide_nodes(limited, *with_network, driver, plan, supplies, undo));
    TRY(await_runtimes(limited, cluster, plan));
  } else {
    auto live = TRY(provision(limited, home, *with_network, driver, plan, supplies, undo));
    if (TRY(has_network(limited, cluster))) {
      TRY(make_usable(limited, live, plan, running, supplies.facts));
    } else {
      TRY(make_ready_for_network(limited, live, plan, running, supplies.facts));
    }
  }
  TRY(home.store.mark_finished(spec.profile));
  undo.dismiss();
  return NodeStarted{cluster.node(plan.front().node.name), plan.front().action};
}

}  // namespace skiff::cluster
