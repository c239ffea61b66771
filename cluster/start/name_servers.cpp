// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/name_servers.h"

#include <atomic>

#include "base/parallel.h"
#include "kube/node/node_tree.h"

namespace skiff::cluster {
namespace {

// Whether the node had others.
Result<bool> renew(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id, const std::string& wanted) {
  const std::string file = "/etc/skiff/resolv.conf";
  const auto present = TRY(drivers::capture(ctx, driver, id, {"cat", file}));
  if (present.out == wanted) return false;
  const auto written = TRY(drivers::capture(ctx, driver, id, {"sh", "-c", "cat >" + file}, wanted));
  if (written.exit_code == 0) return true;
  return make_error(ErrorId::node_command_failed, "Cannot write " + file + " in " + id.name + ": " + written.err);
}

}  // namespace

Result<void> renew_name_servers(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                const sys::Resolver& resolver) {
  const std::string wanted = kube::render_resolv_conf(cluster.placed(), resolver.servers, resolver.search);
  std::atomic<bool> changed = false;
  TRY(parallel_for(ctx, plan, [&](const Context& c, const PlannedNode& planned) -> Result<void> {
    if (planned.action != NodeAction::keep && planned.action != NodeAction::resume) return {};
    if (TRY(renew(c, *cluster.driver, cluster.node(planned.node.name), wanted))) changed = true;
    return {};
  }));
  if (!changed) return {};

  Step step(*ctx.events, "name-servers", "Telling cluster DNS the name servers of now");
  const kube::Resource pods{"v1", "pods", true};
  for (const auto& pod : TRY(cluster.client.list(ctx, pods, "kube-system", "k8s-app=kube-dns"))) {
    TRY(cluster.client.remove(ctx, kube::path_of(pods, "kube-system", text_at(pod, "metadata.name"))));
  }
  step.done();
  return {};
}

}  // namespace skiff::cluster
