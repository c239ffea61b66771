// SPDX-License-Identifier: Apache-2.0
#include "cluster/lifecycle.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/reach/agent.h"
#include "cluster/reach/tunnel.h"
#include "cluster/scheduled_stop.h"

namespace skiff::cluster {
namespace {

using NodeVerb = Result<void> (drivers::Driver::*)(const Context&, const drivers::NodeId&);

Result<void> on_every_node(const Context& ctx, const Home& home, const std::string& profile, NodeVerb verb) {
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = names_of(opened.spec);
  return parallel_for(ctx, nodes, [&](const Context& c, const NodeName& node) {
    return (opened.driver.get()->*verb)(c, opened.node(node.name));
  });
}

// The drivers in which something of this profile may lie: the one it names, or every one that answers when its
// profile.yaml is gone or unreadable.
Result<std::vector<std::unique_ptr<drivers::Driver>>> drivers_of(const Context& ctx, const Home& home,
                                                                 const std::string& profile) {
  std::vector<std::unique_ptr<drivers::Driver>> found;
  const std::optional<ClusterSpec> spec = home.store.find(profile).value_or(std::nullopt);
  if (spec) {
    found.push_back(TRY(home.make_driver(spec->driver, spec->driver_uri)));
    TRY(found.front()->check(ctx));
    return found;
  }
  for (const auto& name : home.driver_names) {
    auto driver = TRY(home.make_driver(name, ""));
    if (driver->check(ctx).ok()) found.push_back(std::move(driver));
  }
  return found;
}

// Everything of the cluster in this driver; whether there was a node.
Result<bool> remove_once(const Context& ctx, drivers::Driver& driver, const ClusterId& cluster) {
  const auto nodes = TRY(driver.nodes(ctx, cluster));
  TRY(parallel_for(
      ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) { return driver.remove_node(c, node.id); }));
  TRY(driver.remove_leftovers(ctx, cluster));
  return !nodes.empty();
}

// profile_not_found, or name_conflict when there is one that is somebody else's.
Error nothing_to_remove(const Context& ctx, const Home& home,
                        const std::vector<std::unique_ptr<drivers::Driver>>& drivers, const std::string& profile) {
  for (const auto& driver : drivers) {
    const auto nodes = driver->all_nodes(ctx);
    if (!nodes.ok()) continue;
    for (const auto& node : *nodes) {
      if (node.id.cluster.name == profile) {
        return drivers::belongs_to_another("The node " + node.id.name, profile, node.owner);
      }
    }
  }
  return home.store.get(profile).error();
}

}  // namespace

Result<void> check_stop(const Context& ctx, const Cluster& cluster, const StopOptions& options) {
  if (!options.keep_memory || TRY(cluster.driver->traits(ctx)).own_kernel) return {};
  return make_error(ErrorId::unsupported, "Nodes of the driver '" + cluster.spec.driver + "' have no memory to keep",
                    "Leave --keep-memory out, or use 'skiff pause'");
}

Result<void> stop_nodes(const Context& ctx, const Cluster& cluster, bool keep_memory) {
  const auto nodes = TRY(cluster.nodes(ctx));
  return parallel_for(ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) {
    return keep_memory ? cluster.driver->save_node(c, node.id) : cluster.driver->stop_node(c, node.id);
  });
}

Result<void> stop(const Context& ctx, const Home& home, const std::string& profile, const StopOptions& options) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  const auto opened = TRY(open_profile(home, profile));
  TRY(check_stop(ctx, opened, options));
  TRY(forget_scheduled_stop(ctx, home, profile));
  Step step(*ctx.events, "stop", "Stopping the nodes");
  TRY(park_agent(ctx, home, profile));
  const auto nodes = TRY(opened.nodes(ctx));
  const bool runs = std::ranges::any_of(nodes, [](const auto& n) { return n.state == drivers::NodeState::running; });
  if (const auto cleaned = runs ? clean_after_tunnel(ctx, home, profile, By::user) : Result<void>(); !cleaned.ok()) {
    ctx.events->warning("The next start has to clean up after a tunnel: " + cleaned.error().what);
  }
  TRY(stop_nodes(ctx, opened, options.keep_memory));
  if (!options.keep_context) {
    TRY(kube::unset_in_user_kubeconfig(ctx, context_of(opened.spec), home.store.authority_certificate(profile)));
  }
  step.done();
  return {};
}

Result<void> pause(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  Step step(*ctx.events, "pause", "Pausing the nodes");
  TRY(on_every_node(ctx, home, profile, &drivers::Driver::pause_node));
  step.done();
  return {};
}

Result<void> unpause(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  Step step(*ctx.events, "unpause", "Unpausing the nodes");
  TRY(on_every_node(ctx, home, profile, &drivers::Driver::unpause_node));
  step.done();
  return {};
}

Result<void> remove(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  const auto found = TRY(drivers_of(ctx, home, profile));
  const bool killed = home.store.unfinished(profile);
  const auto cluster = home.store.identity(profile);
  if (!killed && !cluster && !sys::exists(home.store.folder(profile)))
    return nothing_to_remove(ctx, home, found, profile);

  Step step(*ctx.events, "delete", "Deleting the cluster");
  TRY(forget_scheduled_stop(ctx, home, profile));
  TRY(end_agent(ctx, home, profile));  // first: it ends also an agent that does not answer
  TRY(end_tunnel(ctx, home, profile));
  if (const auto cleaned = clean_hosts_after_tunnel(ctx, home, profile); !cleaned.ok()) {
    ctx.events->warning(cleaned.error().what);
  }
  for (const auto& driver : found) {
    // What a killed start asked the driver for may appear late, even while this removes what it stands on: done again
    // until a second brings nothing new.
    if (!cluster) break;
    auto more = remove_once(ctx, *driver, *cluster);
    for (int tries = 0; killed && tries < 20 && (tries == 0 || !more.ok() || *more); ++tries) {
      TRY(ctx.pause(std::chrono::seconds(1)));
      more = remove_once(ctx, *driver, *cluster);
    }
    TRY(std::move(more));
  }
  TRY(kube::remove_from_user_kubeconfig(ctx, home.store.context(profile), home.store.authority_certificate(profile)));
  TRY(home.store.forget(profile));
  step.done();
  return {};
}

}  // namespace skiff::cluster
