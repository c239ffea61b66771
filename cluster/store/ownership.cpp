// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/ownership.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/own_image.h"
#include "model/profile.h"
#include "model/versions.h"
#include "sys/env.h"
#include "sys/hash.h"

namespace skiff::cluster {

using drivers::ObservedNode;

ClusterSpec with_new_identity(const Home& home, ClusterSpec spec) {
  spec.id = "c" + sys::random_hex(8);  // a letter first: YAML must not take it for a number
  spec.owner = sys::user_name() + " (" + home.folder() + ")";
  return spec;
}

Result<std::vector<ObservedNode>> own_nodes(const Context& ctx, drivers::Driver& driver, const ClusterSpec& spec) {
  auto nodes = TRY(driver.all_nodes(ctx));
  std::erase_if(nodes, [&](const ObservedNode& node) { return node.id.cluster.name != spec.profile; });
  const auto foreign =
      std::ranges::find_if(nodes, [&](const ObservedNode& node) { return node.id.cluster != identity_of(spec); });
  if (foreign == nodes.end()) return nodes;
  return drivers::belongs_to_another("The node " + foreign->id.name, spec.profile, foreign->owner);
}

namespace {

struct Orphan {
  std::unique_ptr<drivers::Driver> driver;
  std::string driver_name;
  std::vector<ObservedNode> nodes;
};

Result<Orphan> find_orphan(const Context& ctx, const Home& home, const Adoption& adoption) {
  std::vector<Orphan> found;
  for (const auto& name : home.driver_names) {
    if (!adoption.driver.empty() && adoption.driver != name) continue;
    auto driver = TRY(home.make_driver(name, adoption.driver_uri));
    auto nodes = driver->all_nodes(ctx);
    if (!nodes.ok() && !adoption.driver.empty()) return nodes.error();
    if (!nodes.ok()) continue;  // a provider that is not there
    std::erase_if(*nodes, [&](const ObservedNode& node) { return node.id.cluster.name != adoption.profile; });
    if (!nodes->empty()) found.push_back({std::move(driver), name, *std::move(nodes)});
  }
  if (found.empty()) {
    return make_error(ErrorId::profile_not_found, "No driver has a cluster '" + adoption.profile + "'",
                      "List what there is with 'skiff profile list'");
  }
  if (found.size() > 1) {
    return make_error(ErrorId::name_conflict, "Several drivers have a cluster '" + adoption.profile + "'",
                      "Say which with --driver");
  }
  return std::move(found.front());
}

Result<std::string> read(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                         const std::string& path) {
  const auto content = TRY(capture(ctx, driver, node, {"cat", path}));
  if (content.exit_code == 0) return content.out;
  return make_error(ErrorId::node_command_failed, "The node " + node.name + " does not give out " + path,
                    "It may be damaged; 'skiff profile list' shows whose cluster it is");
}

// Its nodes and what they are called. The control plane at least: its node was found by its role.
void take_members(ClusterSpec& spec, const Orphan& orphan) {
  spec.node_names = NodeNames::roles;
  const bool numbers =
      std::ranges::any_of(orphan.nodes, [&](const auto& node) { return !parse_node_name(spec, node.id.name); });
  spec.node_names = numbers ? NodeNames::numbers : NodeNames::roles;
  spec.nodes.clear();
  for (const auto& node : orphan.nodes) {
    if (const auto member = parse_node_name(spec, node.id.name, node.role)) spec.nodes.push_back(*member);
  }
  std::ranges::sort(spec.nodes);
  spec.shared_api = spec.shared_api || control_plane_count(spec) > 1;
  std::erase_if(spec.node_settings,
                [&](const auto& each) { return std::ranges::find(spec.nodes, each.first) == spec.nodes.end(); });
}

// As well as labels tell it, for a cluster whose nodes hold no profile.
PlacedSpec spec_from_labels(const Orphan& orphan, const ObservedNode& control_plane) {
  ClusterSpec spec;
  spec.profile = control_plane.id.cluster.name;
  spec.kubernetes_version = version_of_image(control_plane.image).value_or(std::string(versions::kubernetes));
  take_members(spec, orphan);
  return {std::move(spec), {{control_plane.address.value & 0xFFFFFF00U}, 24}};
}

Result<kube::Authorities> authorities_of(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node) {
  std::map<std::string, std::string> files;
  for (const auto& [name, empty] : kube::to_files({})) {
    files[name] = TRY(read(ctx, driver, node, "/etc/kubernetes/pki/" + name));
  }
  return kube::authorities_from_files(files);
}

struct Held {
  ClusterSpec spec;
  kube::Authorities authorities;
};

Result<Held> held_by(const Context& ctx, Orphan& orphan, const ObservedNode& control_plane) {
  const auto text = capture(ctx, *orphan.driver, control_plane.id, {"cat", "/etc/skiff/profile.yaml"});
  if (!text.ok()) return text.error();
  const bool there = text->exit_code == 0;
  return Held{there ? TRY(parse_profile_yaml(text->out, control_plane.id.name + ":/etc/skiff/profile.yaml"))
                    : spec_from_labels(orphan, control_plane),
              TRY(authorities_of(ctx, *orphan.driver, control_plane.id))};
}

// What the node holds is read in it while it runs: one that does not is started with the tree that it has, and stopped
// again.
Result<Held> wake_and_read(const Context& ctx, Orphan& orphan, const ObservedNode& control_plane) {
  PlacedSpec spec = spec_from_labels(orphan, control_plane);
  spec.id = control_plane.id.cluster.id;
  spec.node_image = control_plane.image;
  Step step(*ctx.events, "wake", "Starting " + control_plane.id.name + " to read what it holds");
  TRY(orphan.driver->ensure_node(ctx, spec, nodes_of(spec).front(), {}));
  auto held = held_by(ctx, orphan, control_plane);
  const Context fresh{{}, Deadline::in(std::chrono::minutes(1)), ctx.events};
  TRY(orphan.driver->stop_node(fresh, control_plane.id));
  TRY(held);
  step.done();
  return held;
}

}  // namespace

Result<Adopted> adopt(const Context& ctx, const Home& home, const Adoption& adoption) {
  TRY(check_profile_name(adoption.profile));
  const auto lock = TRY(home.store.lock(ctx, adoption.profile));
  Orphan orphan = TRY(find_orphan(ctx, home, adoption));
  const auto control_plane = std::ranges::find(orphan.nodes, Role::control_plane, &ObservedNode::role);
  if (control_plane == orphan.nodes.end()) {
    return make_error(ErrorId::node_not_found,
                      "The cluster '" + adoption.profile + "' has no control plane to read from",
                      "Its authorities are lost with it; remove what is left with the tools of its driver");
  }
  const std::optional<ClusterSpec> known = home.store.find(adoption.profile).value_or(std::nullopt);
  if (known && identity_of(*known) == control_plane->id.cluster) {
    return make_error(ErrorId::profile_conflict, "The cluster '" + adoption.profile + "' is this home's already");
  }
  if (known && !adoption.force) {
    return make_error(ErrorId::profile_conflict,
                      "This home has a profile '" + adoption.profile + "' of another cluster, which has no nodes there",
                      "Delete that one first ('skiff delete -p " + adoption.profile + "'), or forget it with --force");
  }

  const bool runs = control_plane->state == drivers::NodeState::running;
  Held held = TRY(runs ? held_by(ctx, orphan, *control_plane) : wake_and_read(ctx, orphan, *control_plane));
  ClusterSpec& spec = held.spec;
  spec.profile = adoption.profile;
  spec.id = control_plane->id.cluster.id;
  spec.driver = orphan.driver_name;
  spec.driver_uri = adoption.driver_uri;
  spec.node_image = control_plane->image;
  take_members(spec, orphan);
  spec.owner = control_plane->owner;  // as its things carry it
  TRY(home.store.replace(spec, held.authorities));
  return Adopted{spec, control_plane->owner};
}

}  // namespace skiff::cluster
