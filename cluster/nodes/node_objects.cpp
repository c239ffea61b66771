// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_objects.h"

#include <algorithm>

#include "base/parallel.h"
#include "kube/objects.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

const kube::Resource node_resource{"v1", "nodes", false};

}  // namespace

Result<void> forget_other_nodes(const Context& ctx, kube::Client& client, const ClusterSpec& spec) {
  for (const auto& object : TRY(client.list(ctx, node_resource, ""))) {
    const std::string name = text_at(object, "metadata.name");
    if (parse_node_name(spec, name) && !member_named(spec, name)) {
      TRY(client.remove(ctx, kube::path_of(node_resource, "", name)));
    }
  }
  return {};
}

namespace {

Result<void> taint(const Context& ctx, kube::Client& client, const ClusterSpec& spec, const NodeName& control_plane) {
  const std::string path = kube::path_of(node_resource, "", control_plane.name);
  while (true) {
    const Json node = TRY(client.get(ctx, path));
    const auto patch = kube::scheduling_patch(node, control_plane_schedulable(spec));
    if (!patch) return {};
    const auto patched = client.merge_patch(ctx, path, *patch);
    if (patched.ok()) return {};
    if (patched.error().id != ErrorId::kube_conflict) return patched.error();
    TRY(ctx.check());  // others write the node too: on what they have made of it, once more
  }
}

}  // namespace

Result<void> taint_control_planes(const Context& ctx, kube::Client& client, const ClusterSpec& spec) {
  const auto control_planes = control_planes_of(spec);
  return parallel_for(ctx, control_planes, [&](const Context& c, const NodeName& control_plane) {
    return taint(c, client, spec, control_plane);
  });
}

Result<void> forget_growth(const Context& ctx, const Home& home, const Cluster& before) {
  const Context limited = ctx.within(std::chrono::seconds(10));
  const auto access = api_access(home, before.spec, TRY(before.nodes(limited)));
  if (!access.ok()) return {};  // it does not run
  kube::Client client(*access);
  for (const auto& done :
       {forget_other_nodes(limited, client, before.spec), taint_control_planes(limited, client, before.spec)}) {
    if (!done.ok()) sys::log::warn("the nodes are not all as before the growth: " + done.error().what);
  }
  return {};
}

}  // namespace skiff::cluster
