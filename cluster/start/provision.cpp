#include "cluster/start/provision.h"

#include "base/parallel.h"
#include "cluster/images/own_image.h"
#include "kube/node_tree.h"
#include "sys/host_net.h"

namespace skiff::cluster {

Result<void> ensure_image(const Context& ctx, drivers::Driver& driver, const drivers::DriverTraits& traits,
                          const std::string& reference) {
  Step step(*ctx.events, "image", "Preparing the node image");
  auto there = driver.ensure_image(ctx, {.reference = reference, .rootfs_tar = {}});
  if (!there.ok() && there.error().id == ErrorId::image_not_found && reference == own_image_reference(traits)) {
    there = driver.ensure_image(ctx, TRY(build_own_image(ctx, traits)).image);
  }
  TRY(std::move(there));
  step.done();
  return {};
}

Result<ClusterSpec> provide_network(const Context& ctx, drivers::Driver& driver, ClusterSpec spec,
                                    const ProfileStore& store, bool first, Undo& undo) {
  Step step(*ctx.events, "network", "Making the network");
  if (first) {
    // Nothing was there before that carries this new id.
    undo.add([&driver, id = identity_of(spec)](const Context& c) { return driver.remove_leftovers(c, id); });
  }
  TRY(store.save(spec));  // whose everything is that is made from here on, even if nobody lives to say so
  spec.node_subnet = TRY(driver.ensure_network(ctx, spec, spec.node_subnet));
  TRY(store.save(spec));
  step.done();
  return spec;
}

Result<void> provision(const Context& ctx, drivers::Driver& driver, const drivers::DriverTraits& traits,
                       const drivers::HostFacts& facts, const ClusterSpec& spec, const std::vector<PlannedNode>& plan,
                       const kube::Authorities& authorities, const std::vector<TreeFile>& user_files, Undo& undo) {
  Step step(*ctx.events, "nodes", "Starting " + std::to_string(plan.size()) + (plan.size() == 1 ? " node" : " nodes"));
  const int mtu = facts.uplink_mtu.value_or(sys::ethernet_mtu);  // what engines give their networks by themselves
  std::vector<std::string> api_names;
  if (!traits.api_host.empty()) api_names.push_back(traits.api_host);
  // A kept node is ensured too: it may have gone since the plan was made.
  TRY(parallel_for(ctx, plan, [&](const Context& c, const PlannedNode& planned) -> Result<void> {
    const auto tree = TRY(kube::render_node_tree(
        {spec, planned.node, authorities, facts.resolver.servers, api_names, mtu, facts.resolver.search, user_files}));
    const auto made =
        TRY(with_trail(driver.ensure_node(c, spec, planned.node, tree), "while starting " + planned.node.name));
    if (made.storage) {
      undo.add([&driver, id = drivers::NodeId{identity_of(spec), planned.node.name}](const Context& u) {
        return driver.remove_node(u, id);
      });
    }
    return {};
  }));
  step.done();
  return {};
}

}  // namespace skiff::cluster
