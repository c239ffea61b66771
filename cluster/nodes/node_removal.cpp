// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_removal.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/nodes/control_planes.h"
#include "cluster/nodes/drain.h"
#include "cluster/nodes/node_access.h"
#include "cluster/nodes/node_objects.h"
#include "cluster/undo.h"

namespace skiff::cluster {
namespace {

const kube::Resource node_resource{"v1", "nodes", false};
const kube::Resource volume_resource{"v1", "persistentvolumes", false};

constexpr auto patience = std::chrono::seconds(5);  // for each step that is taken back

bool is_pinned(const Json& volume, const std::string& node) {
  for (const auto& term : array_at(volume, "spec.nodeAffinity.required.nodeSelectorTerms")) {
    for (const auto& expression : array_at(term, "matchExpressions")) {
      if (text_at(expression, "operator") == "In" && array_at(expression, "values").size() == 1 &&
          text_at(expression, "values.0") == node) {
        return true;
      }
    }
  }
  return false;
}

// A volume in the node's own storage goes with it.
Result<void> check_volumes(const Context& ctx, kube::Client& client, const std::string& node) {
  std::vector<std::string> claims;
  for (const auto& volume : TRY(client.list(ctx, volume_resource, ""))) {
    const std::string claim = text_at(volume, "spec.claimRef.name");
    if (!claim.empty() && is_pinned(volume, node))
      claims.push_back(text_at(volume, "spec.claimRef.namespace") + "/" + claim);
  }
  if (claims.empty()) return {};
  return make_error(ErrorId::node_has_volumes, "The node " + node + " holds the data of " + join(claims, ", "));
}

// The API's client; null when the control planes do not run, or without Kubernetes.
Result<std::unique_ptr<kube::Client>> client_of(const Home& home, const ClusterSpec& spec,
                                                const std::vector<drivers::ObservedNode>& nodes) {
  if (running_control_planes(spec, nodes).empty() || spec.no_kubernetes) return std::unique_ptr<kube::Client>();
  return std::make_unique<kube::Client>(TRY(api_access(home, spec, nodes)));
}

// Before the machine goes: etcd would count on it in vain the other way round. The API's address may be another's from
// then on, which takes over within moments.
Result<void> leave_etcd(const Context& ctx, const Cluster& cluster, const std::vector<drivers::ObservedNode>& nodes,
                        const std::string& name) {
  if (!shares_api(cluster.spec)) return {};
  Step step(*ctx.events, "member", "Taking " + name + " out of etcd");
  TRY(remove_member(ctx, cluster, name, running_control_planes(cluster.spec, nodes)));
  step.done();
  return {};
}

Result<void> forget_node(const Context& ctx, kube::Client& client, const std::string& name) {
  for (const Deadline limit = Deadline::in(std::chrono::seconds(30));;) {
    auto removed = client.remove(ctx, kube::path_of(node_resource, "", name));
    if (removed.ok() || limit.passed() || removed.error().id == ErrorId::interrupted) return removed;
    TRY(ctx.pause(std::chrono::milliseconds(100)));
  }
}

}  // namespace

Result<drivers::NodeId> remove_node(const Context& ctx, const Home& home, const NodeRemoval& removal) {
  TRY(check_profile_name(removal.profile));
  const auto lock = TRY(home.store.lock(ctx, removal.profile));
  const auto opened = TRY(open_profile(home, removal.profile));
  const Member member = TRY(find_member(opened.spec, removal.node));
  const bool control_plane = member.role == Role::control_plane;
  const std::string name = name_of(opened.spec, member);
  ClusterSpec smaller = opened.spec;
  std::erase(smaller.nodes, member);
  smaller.node_settings.erase(member);
  const auto nodes = TRY(opened.nodes(ctx));
  if (control_plane) TRY(check_departure(opened.spec, nodes, name));
  smaller.shared_api = shares_api(opened.spec);
  // A control plane may be the very one by which this host reaches the API.
  auto others = nodes;
  if (control_plane) std::erase_if(others, [&](const auto& node) { return node.id.name == name; });
  const auto client = TRY(client_of(home, opened.spec, others));
  const bool led = control_plane && kubeconfig_leads_to(home, opened.spec, nodes);

  if (client && !removal.force) TRY(check_volumes(ctx, *client, name));
  Undo undo(*ctx.events);
  if (client) {
    undo.add([&](const Context& c) { return taint_control_planes(c.within(patience), *client, opened.spec); });
    TRY(taint_control_planes(ctx, *client, smaller));  // the last node takes the pods itself
  }
  if (client && !removal.force) {
    Step step(*ctx.events, "drain", "Moving the pods of " + name + " elsewhere");
    if (!TRY(is_closed(ctx, *client, name))) {
      undo.add([&](const Context& c) { return set_schedulable(c.within(patience), *client, name, true); });
    }
    if (auto drained = drain(ctx.within(removal.patience), *client, name); !drained.ok()) {
      if (drained.error().id == ErrorId::kube_timeout)
        drained.error().advice = "Give them more time with --wait-timeout, or none with --force";
      return std::move(drained).error();
    }
    step.done();
  }
  if (control_plane) TRY(leave_etcd(ctx, opened, nodes, name));
  Step step(*ctx.events, "remove", "Removing " + name);
  const drivers::NodeId id = opened.node(name);
  TRY(opened.driver->remove_node(ctx, id));
  undo.dismiss();
  TRY(home.store.save(smaller));
  if (client) TRY(forget_node(ctx, *client, name));
  if (led && !kubeconfig_leads_to(home, smaller, others)) {
    TRY(kube::add_to_user_kubeconfig(ctx, TRY(api_access(home, smaller, others)), /*keep_current=*/true));
  }
  step.done();
  if (const int left = control_plane_count(smaller); control_plane && left % 2 == 0) {
    ctx.events->warning(std::to_string(left) + " control planes survive no more losses than " +
                        std::to_string(left - 1) + ": delete one more, or add one");
  }
  return id;
}

}  // namespace skiff::cluster
