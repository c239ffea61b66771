#include "cluster/start/provision.h"

#include <algorithm>

#include "base/parallel.h"
#include "cluster/own_image.h"
#include "kube/node/node_tree.h"
#include "sys/net/host_net.h"

namespace skiff::cluster {

Result<void> ensure_image(const Context& ctx, const Cluster& cluster, const drivers::DriverTraits& traits) {
  const auto& [spec, driver] = cluster;
  const std::string& reference = spec.node_image;
  Step step(*ctx.events, "image", "Preparing the node image");
  auto there =
      driver->ensure_image(ctx, {.reference = reference, .rootfs_tar = {}, .tree_format = kube::node_tree_format});
  if (!there.ok() && there.error().id == ErrorId::image_not_found &&
      reference == own_image_reference(traits, spec.kubernetes_version)) {
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

Result<Supplies> supplies_of(const Context& ctx, const Home& home, const Cluster& cluster,
                             const drivers::DriverTraits& traits, std::vector<TreeFile> user_files) {
  auto authorities = TRY(home.store.authorities(cluster.spec.profile));
  auto facts = TRY(cluster.driver->host_facts(ctx, cluster.spec.node_image));
  return Supplies{traits, std::move(facts), std::move(authorities), std::move(user_files)};
}

Result<void> provide_nodes(const Context& ctx, const PlacedSpec& spec, const std::shared_ptr<drivers::Driver>& driver,
                           const std::vector<PlannedNode>& plan, const Supplies& supplies, Undo& undo) {
  Step step(*ctx.events, "nodes", "Starting " + std::to_string(plan.size()) + (plan.size() == 1 ? " node" : " nodes"));
  // What engines give their networks by themselves, where nobody tells.
  const int mtu = supplies.facts.uplink_mtu.value_or(sys::ethernet_mtu);
  std::vector<std::string> api_names;
  if (!supplies.traits.api_host.empty()) api_names.push_back(supplies.traits.api_host);
  auto nodes = nodes_of(spec);
  std::erase_if(nodes, [&](const NodeSpec& node) {
    return std::ranges::none_of(plan, [&](const PlannedNode& planned) { return planned.node.name == node.name; });
  });
  // A kept node is ensured too: it may have gone since the plan was made.
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const NodeSpec& node) -> Result<void> {
    const auto tree =
        TRY(kube::render_node_tree({spec, node, supplies.authorities, supplies.facts.resolver.servers, api_names, mtu,
                                    supplies.facts.resolver.search, supplies.user_files}));
    const auto made = TRY(with_trail(driver->ensure_node(c, spec, node, tree), "while starting " + node.name));
    if (made.storage) {
      undo.add([driver, id = drivers::NodeId{identity_of(spec), node.name}](const Context& u) {
        return driver->remove_node(u, id);
      });
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
