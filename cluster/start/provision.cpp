// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/provision.h"

#include <algorithm>

#include "base/parallel.h"
#include "cluster/nodes/control_planes.h"
#include "cluster/own_image.h"
#include "cluster/store/home_files.h"
#include "cluster/store/registry_logins.h"
#include "kube/node/node_tree.h"
#include "sys/net/host_net.h"

namespace skiff::cluster {

Result<void> ensure_image(const Context& ctx, const Cluster& cluster, const drivers::DriverTraits& traits) {
  const auto& [spec, driver] = cluster;
  Step step(*ctx.events, "image", "Preparing the node image");
  auto there = driver->ensure_image(ctx, {.reference = spec.node_image,
                                          .rootfs_tar = {},
                                          .tree_format = kube::node_tree_format,
                                          .least_tree_format = kube::tree_format_of(spec)});
  if (!there.ok() && there.error().id == ErrorId::image_not_found &&
      spec.node_image == own_image_reference(traits, spec.kubernetes_version)) {
    there = driver->ensure_image(ctx, TRY(build_own_image(ctx, traits, spec.kubernetes_version)).image);
  }
  TRY(std::move(there));
  step.done();
  return {};
}

Result<PlacedSpec> provide_network(const Context& ctx, const Cluster& cluster, const ProfileStore& store, bool first,
                                   Undo& undo) {
  Step step(*ctx.events, "network", "Making the network");
  const auto& [spec, driver] = cluster;
  if (first) {
    // Nothing was there before that carries this new id.
    undo.add([cluster](const Context& c) { return cluster.driver->remove_leftovers(c, cluster.id()); });
  }
  TRY(store.save(spec));  // whose everything is that is made from here on, even if nobody lives to say so
  PlacedSpec placed(spec, TRY(driver->ensure_network(ctx, spec, spec.node_subnet)));
  TRY(store.save(placed));
  step.done();
  return placed;
}

Result<FromUser> from_user(const Context& ctx, const Home& home, const ClusterSpec& spec) {
  FromUser given{TRY(home_files(home.folder())), {}};
  given.outside.authorities = TRY(home_authorities(home.folder(), *ctx.events));
  for (auto& authority : authorities_in("skiff-ca-file.pem", spec.authorities, *ctx.events)) {
    given.outside.authorities.push_back(std::move(authority));
  }
  if (!spec.registry_config.empty())
    given.outside.logins = to_docker_config(TRY(read_logins(ctx, spec.registry_config)));
  return given;
}

Result<Supplies> supplies_of(const Context& ctx, const Home& home, const Cluster& cluster,
                             const drivers::DriverTraits& traits, FromUser given) {
  auto authorities = TRY(home.store.authorities(cluster.spec.profile));
  auto facts = TRY(cluster.driver->host_facts(ctx, cluster.spec.node_image));
  return Supplies{traits, std::move(facts), std::move(authorities), std::move(given.files), std::move(given.outside)};
}

Result<FileTree> tree_of(const PlacedSpec& spec, const NodeSpec& node, const Supplies& supplies) {
  // What engines give their networks by themselves, where nobody tells.
  const int mtu = supplies.facts.uplink_mtu.value_or(sys::ethernet_mtu);
  std::vector<std::string> api_names;
  if (!supplies.traits.api_host.empty()) api_names.push_back(supplies.traits.api_host);
  return kube::render_node_tree({spec, node, supplies.authorities, supplies.facts.resolver.servers, api_names, mtu,
                                 supplies.facts.resolver.search, supplies.outside, supplies.user_files});
}

Result<void> provide_nodes(const Context& ctx, const PlacedSpec& spec, const std::shared_ptr<drivers::Driver>& driver,
                           const std::vector<PlannedNode>& plan, const Supplies& supplies, Undo& undo) {
  Step step(*ctx.events, "nodes", "Starting " + std::to_string(plan.size()) + (plan.size() == 1 ? " node" : " nodes"));
  auto nodes = nodes_of(spec);
  std::erase_if(nodes, [&](const NodeSpec& node) {
    return std::ranges::none_of(plan, [&](const PlannedNode& planned) { return planned.node.name == node.name; });
  });
  // Control planes that are no undo's to remove: the new ones have to leave etcd before their machines go.
  std::vector<std::string> stay;
  for (const auto& planned : plan) {
    if (planned.node.role == Role::control_plane && planned.action != NodeAction::create)
      stay.push_back(planned.node.name);
  }
  // A kept node is ensured too: it may have gone since the plan was made.
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const NodeSpec& node) -> Result<void> {
    const auto tree = TRY(tree_of(spec, node, supplies));
    const auto made = TRY(with_trail(driver->ensure_node(c, spec, node, tree), "while starting " + node.name));
    if (made.storage) {
      undo.add([driver, id = drivers::NodeId{identity_of(spec), node.name}](const Context& u) {
        return driver->remove_node(u, id);
      });
      if (shares_api(spec) && node.role == Role::control_plane && !stay.empty()) {
        undo.add([cluster = Cluster{spec, driver}, name = node.name, stay](const Context& u) {
          return remove_member(u.within(std::chrono::seconds(15)), cluster, name, stay);
        });
      }
    }
    return {};
  }));
  if (!spec.mounts.empty()) {
    std::vector<drivers::NodeId> ids;
    for (const auto& node : nodes) ids.push_back({identity_of(spec), node.name});
    TRY(with_trail(driver->bind_folders(ctx, ids, spec.mounts), "while mounting the profile's folders"));
  }
  step.done();
  return {};
}

Result<LiveCluster> provision(const Context& ctx, const Home& home, const PlacedSpec& spec,
                              const std::shared_ptr<drivers::Driver>& driver, const std::vector<PlannedNode>& plan,
                              const Supplies& supplies, Undo& undo) {
  TRY(provide_nodes(ctx, spec, driver, plan, supplies, undo));
  return connect(ctx, home, {spec, driver});
}

}  // namespace skiff::cluster
