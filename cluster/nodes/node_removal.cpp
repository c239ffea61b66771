#include "cluster/nodes/node_removal.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/nodes/drain.h"
#include "cluster/nodes/growth.h"
#include "cluster/nodes/node_access.h"
#include "cluster/undo.h"

namespace skiff::cluster {
namespace {

const kube::Resource node_resource{"v1", "nodes", false};
const kube::Resource volume_resource{"v1", "persistentvolumes", false};

Result<Member> find_worker(const ClusterSpec& spec, const std::string& name) {
  const Member member = TRY(find_member(spec, name));
  if (member.role == Role::worker) return member;
  return make_error(ErrorId::unsupported, "A cluster cannot be without its control plane",
                    "Delete all of it with 'skiff delete -p " + spec.profile + "'");
}

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

// The control plane's client; null when it does not run, or without Kubernetes.
Result<std::unique_ptr<kube::Client>> client_of(const Home& home, const ClusterSpec& spec,
                                                const std::vector<drivers::ObservedNode>& nodes) {
  const bool runs = std::ranges::any_of(nodes, [](const drivers::ObservedNode& node) {
    return node.role == Role::control_plane && node.state == drivers::NodeState::running;
  });
  if (!runs || spec.no_kubernetes) return std::unique_ptr<kube::Client>();
  return std::make_unique<kube::Client>(TRY(api_access(home, spec, nodes)));
}

}  // namespace

Result<drivers::NodeId> remove_node(const Context& ctx, const Home& home, const NodeRemoval& removal) {
  TRY(check_profile_name(removal.profile));
  const auto lock = TRY(home.store.lock(ctx, removal.profile));
  const auto opened = TRY(open_profile(home, removal.profile));
  const Member worker = TRY(find_worker(opened.spec, removal.node));
  const std::string name = name_of(opened.spec, worker);
  ClusterSpec smaller = opened.spec;
  std::erase(smaller.nodes, worker);
  smaller.node_settings.erase(worker);
  const auto client = TRY(client_of(home, opened.spec, TRY(opened.nodes(ctx))));

  if (client && !removal.force) TRY(check_volumes(ctx, *client, name));
  Undo undo(*ctx.events);
  if (client) {
    undo.add([&](const Context& c) { return taint_control_plane(c.within(patience), *client, opened.spec); });
    TRY(taint_control_plane(ctx, *client, smaller));  // the last node takes the pods itself
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
  Step step(*ctx.events, "remove", "Removing " + name);
  const drivers::NodeId id = opened.node(name);
  TRY(opened.driver->remove_node(ctx, id));
  undo.dismiss();
  if (client) TRY(client->remove(ctx, kube::path_of(node_resource, "", name)));
  TRY(home.store.save(smaller));
  step.done();
  return id;
}

}  // namespace skiff::cluster
