// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/start.h"

#include <algorithm>

#include "base/parallel.h"
#include "cluster/addons/addons.h"
#include "cluster/images/kept_images.h"
#include "cluster/images/node_images.h"
#include "cluster/network/pod_network.h"
#include "cluster/nodes/folders.h"
#include "cluster/nodes/node_access.h"
#include "cluster/nodes/node_objects.h"
#include "cluster/own_image.h"
#include "cluster/proxy_in_the_way.h"
#include "cluster/reach/agent.h"
#include "cluster/reach/tunnel.h"
#include "cluster/request/resolve_pod_network.h"
#include "cluster/scheduled_stop.h"
#include "cluster/start/bare.h"
#include "cluster/start/bring_up.h"
#include "cluster/start/crashes.h"
#include "cluster/start/inotify.h"
#include "cluster/start/provision.h"
#include "cluster/start/renewal.h"
#include "cluster/start/restart.h"
#include "cluster/start/upgrade.h"
#include "cluster/store/ownership.h"
#include "cluster/undo.h"
#include "images/fetch.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

using Plan = std::vector<PlannedNode>;

Error with_console(const Context& ctx, const Cluster& cluster, Error error) {
  if (error.id == ErrorId::interrupted) return error;
  if (auto words = cluster.driver->console(ctx, cluster.node(control_plane_of(cluster.spec)));
      words.ok() && !words->empty()) {
    error.trail.push_back("the control plane's last words: " + *words);
  }
  return with_crashes(ctx, cluster, std::move(error));
}

// A virtual machine is made with a number of processors and a size of memory.
Result<void> check_limits(const StartRequest& request, const drivers::DriverTraits& traits) {
  const auto asks_for_all = [](const auto& r) { return r.cpus == all_cpus || (r.memory && is_all(*r.memory)); };
  const bool all = asks_for_all(request) || asks_for_all(request.new_nodes);
  if (!all || !traits.own_kernel) return {};
  return make_error(ErrorId::unsupported, "A virtual machine cannot have all CPUs or all memory of its host",
                    "Give --cpus and --memory numbers, or leave them out");
}

// What not every driver can do.
Result<void> check_network(const ClusterSpec& spec, const drivers::DriverTraits& traits) {
  if (!spec.ports.empty() && !traits.publishes_ports) {
    return make_error(ErrorId::unsupported, "The driver '" + spec.driver + "' publishes no ports",
                      "Its nodes have addresses that this host reaches; or use 'skiff service --local-port'");
  }
  if (spec.dual_stack && !spec.network_name.empty()) {
    return make_error(ErrorId::unsupported, "IPv6 needs a network that skiff makes",
                      "Leave --ip-family out, or --network");
  }
  if (!spec.network_name.empty() && !traits.joins_networks) {
    return make_error(ErrorId::unsupported, "The driver '" + spec.driver + "' gives each cluster a network of its own",
                      "Leave --network out; --subnet sets its addresses");
  }
  return {};
}

// What only a node image of this skiff does for certain.
void warn_of_other_image(const Context& ctx, const ClusterSpec& spec) {
  const bool needed = sets_components(spec.kubernetes) || spec.kubernetes.dns_domain != default_dns_domain;
  if (!needed || is_own_image(spec.node_image)) return;
  ctx.events->warning("The node image " + spec.node_image +
                      " is not this skiff's own: flags of components and the DNS domain are lost on older ones");
}

// The cluster's entries in the user's kubeconfig, and none under a name that they had before. A cluster that runs is
// none the worse when they cannot be written.
Result<void> write_user_kubeconfig(const Context& ctx, const kube::Access& access, const std::string& profile,
                                   const std::string& context_before, bool keep_context) {
  const auto write = [&]() -> Result<void> {
    if (context_before == access.name) return kube::add_to_user_kubeconfig(ctx, access, keep_context);
    const bool was_current = kube::user_current_context().value_or("") == context_before;
    TRY(kube::add_to_user_kubeconfig(ctx, access, keep_context && !was_current));
    return kube::remove_from_user_kubeconfig(ctx, context_before, access.ca_pem);
  };
  return with_trail(write(), "the cluster runs; 'skiff update-context -p " + profile + "' tries this once more");
}

// kubectl is the user's, and so are the variables that send it astray.
void warn_of_proxy(const Context& ctx, const kube::Access& access) {
  const std::string variable = proxy_in_the_way(access.server);
  if (variable.empty()) return;
  ctx.events->warning(variable + " is set, so kubectl asks that proxy for the cluster's API: add " +
                      host_of(access.server) + " to NO_PROXY, or use 'skiff kubectl'");
}

// The forwards and the tunnel that a stop has parked; the cluster is none the worse without them.
void resume(const Context& ctx, const Home& home, const std::string& profile) {
  const auto troubles = resume_agent(ctx, home, profile);
  if (!troubles.ok()) ctx.events->warning("Forwards of services could not be resumed: " + troubles.error().what);
  for (const auto& trouble : troubles.ok() ? *troubles : std::vector<std::string>()) {
    ctx.events->warning("A forward could not be resumed: " + trouble);
  }
}

int nodes_to_start(const std::vector<PlannedNode>& plan) {
  return static_cast<int>(std::ranges::count_if(plan, [](const PlannedNode& planned) {
    return planned.action != NodeAction::keep && planned.action != NodeAction::resume;
  }));
}

// What is wanted, complete, and what there is of it. Nothing is changed by finding out.
struct Resolved {
  std::optional<ClusterSpec> saved;  // nothing: the cluster is new
  Cluster cluster;
  drivers::DriverTraits traits;
  std::vector<drivers::ObservedNode> seen;  // as they are when those that must start anew have stopped
  bool restarts = false;                    // there are such
  std::vector<Difference> changes;          // to what was saved
};

Result<Resolved> resolve_here(const Context& ctx, const Home& home, const StartRequest& request) {
  const auto saved = TRY(home.store.find(request.profile));
  ClusterSpec spec = TRY(resolve(request, saved));
  if (!saved) spec = with_new_identity(home, std::move(spec));
  // Kubernetes comes with the addons that are on by default, also where it comes later.
  const bool first = spec.no_kubernetes ? false : !saved || (saved->no_kubernetes && saved->addons.empty());
  spec.addons = TRY(check_addons(home, spec.addons, first ? Defaults::add : Defaults::leave));
  TRY(choose_host_ports(home, spec, saved ? saved->addons : std::vector<std::string>()));
  const std::shared_ptr<drivers::Driver> driver = TRY(home.make_driver(spec.driver, spec.driver_uri));
  TRY(driver->check(ctx));
  const auto traits = TRY(driver->traits(ctx));
  TRY(check_architecture(traits));
  TRY(check_limits(request, traits));
  TRY(check_network(spec, traits));
  spec.mounts = TRY(check_folders(spec.mounts, traits));
  if (spec.node_image.empty()) spec.node_image = own_image_reference(traits, spec.kubernetes_version);
  auto seen = TRY(own_nodes(ctx, *driver, spec));
  const bool run_out = TRY(certificates_run_out(ctx, {spec, driver}, seen));
  const bool restarts = run_out || restarts_nodes(saved, spec);
  TRY(check_upgrade_of_nodes(spec, seen));
  if (restarts) seen = TRY(stopped_nodes(std::move(seen)));
  if (saved && shares_api(spec) && !shares_api(*saved)) TRY(check_awake(seen));
  TRY(kube::check_user_kubeconfig(context_of(spec), home.store.authority_certificate(spec.profile)));
  auto changes = saved ? differences(*saved, spec) : std::vector<Difference>();
  return Resolved{saved, {std::move(spec), driver}, traits, std::move(seen), restarts, std::move(changes)};
}

// What lies on this host and in the provider before any node is made. May build for many minutes.
Result<void> prepare(const Context& ctx, const Home& home, const Resolved& resolved,
                     const std::vector<std::string>& addons_there) {
  const auto& spec = resolved.cluster.spec;
  const images::WebOfCluster web(spec.proxies, spec.authorities);
  TRY(ensure_image(ctx, resolved.cluster, resolved.traits));
  return spec.no_kubernetes ? Result<void>() : prepare_addons(ctx, home, spec, addons_there);
}

// From the network to nodes that run containers. What leads to a Kubernetes of before is current no longer.
Result<void> bring_to_life_bare(const Context& ctx, const Home& home, const Resolved& resolved, const PlacedSpec& spec,
                                const Plan& plan, const Supplies& supplies, Undo& undo) {
  const Cluster cluster{spec, resolved.cluster.driver};
  TRY(provide_nodes(ctx, spec, cluster.driver, plan, supplies, undo));
  TRY(await_runtimes(ctx, cluster, plan));
  TRY(renew_outside(ctx, home, spec, cluster.driver, resolved.saved, supplies, undo));
  if (const auto shared = share_images_with_new(ctx, cluster, plan); !shared.ok()) return shared;
  return kube::unset_in_user_kubeconfig(ctx, context_of(spec), home.store.authority_certificate(spec.profile));
}

// Of nodes that run on: takes away the folders that the profile has no more. Those that it has anew come with the rest.
Result<void> change_folders(const Context& ctx, const Resolved& resolved, Undo& undo) {
  if (!resolved.saved || resolved.saved->mounts == resolved.cluster.spec.mounts) return {};
  const auto all_but = [](std::vector<FolderMount> folders, const std::vector<FolderMount>& others) {
    std::erase_if(folders, [&](const auto& folder) { return std::ranges::find(others, folder) != others.end(); });
    return folders;
  };
  const auto before = resolved.saved->mounts;
  const auto after = resolved.cluster.spec.mounts;
  const auto nodes = running_ids(resolved.seen);
  if (nodes.empty()) return {};
  undo.add([=, driver = resolved.cluster.driver](const Context& c) -> Result<void> {
    TRY(unmount_in(c, *driver, nodes, all_but(after, before)));
    return driver->bind_folders(c, nodes, all_but(before, after));
  });
  return unmount_in(ctx, *resolved.cluster.driver, nodes, all_but(before, after));
}

struct Usable {
  LiveCluster cluster;
  bool has_network = true;
  Result<void> early_addons;  // an addon that fails is no reason to take the cluster back
};

// From the network to a cluster that is usable.
Result<Usable> bring_to_life(const Context& ctx, const Home& home, const Resolved& resolved, const PlacedSpec& spec,
                             const Plan& plan, const Supplies& supplies, const std::vector<Json>& network, Undo& undo) {
  const Cluster cluster{spec, resolved.cluster.driver};
  const auto& saved = resolved.saved;
  TRY(renew_api_address(ctx, spec, saved, cluster.driver, plan, supplies, undo));
  if (saved && saved->nodes != cluster.spec.nodes) {
    undo.add(
        [&home, before = Cluster{*saved, cluster.driver}](const Context& c) { return forget_growth(c, home, before); });
  }
  TRY(change_folders(ctx, resolved, undo));
  Usable usable{TRY(provision(ctx, home, spec, cluster.driver, plan, supplies, undo)), true, {}};
  TRY(renew_outside(ctx, home, spec, cluster.driver, saved, supplies, undo));
  usable.has_network = TRY(has_network(ctx, cluster));
  const auto addons = [&](const Context& c) -> Result<void> {
    usable.early_addons = apply_addons(c, home, usable.cluster, AddonTurn::early);
    const bool stopped = !usable.early_addons.ok() && usable.early_addons.error().id == ErrorId::interrupted;
    return stopped ? usable.early_addons : Result<void>();
  };
  const auto usual = [&](const Context& c) {
    return make_usable(c, usable.cluster, plan, plan, supplies.facts, addons);
  };
  const auto work = [&](const Context& c) {
    if (!usable.has_network) return make_ready_for_network(c, usable.cluster, plan, plan, supplies.facts);
    if (network.empty()) return usual(c);
    return parallel(c, {usual, [&](const Context& p) { return apply_network(p, usable.cluster, network); }});
  };
  // skiff's own flags are known to work.
  TRY(sets_components(spec.kubernetes) ? unless_services_crash(ctx, cluster, work) : work(ctx));
  return usable;
}

void load_kept(const Context& ctx, const Home& home, const std::string& profile) {
  if (const auto kept = load_kept_images(ctx, home, profile); !kept.ok()) {
    ctx.events->warning("Not all images of 'skiff cache list' are loaded: " + kept.error().what);
  }
}

// What a cluster that works is told and given by the way; nothing of it takes the cluster back.
Result<StartReport> settle(const Context& ctx, const Context& limited, const Home& home, const StartRequest& request,
                           const Resolved& resolved, const Plan& plan, Usable& usable) {
  LiveCluster& cluster = usable.cluster;
  const ClusterSpec& spec = cluster.spec;
  kube::Access access = cluster.access;
  access.renew_context = request.kubernetes.context_namespace.has_value();
  TRY(write_user_kubeconfig(ctx, access, spec.profile, context_of(resolved.saved.value_or(spec)),
                            request.keep_context));
  warn_of_proxy(ctx, access);
  if (const auto cleaned = clean_after_tunnel(limited, home, spec.profile, By::user); !cleaned.ok()) {
    ctx.events->warning("Not all that a tunnel has left is taken back: " + cleaned.error().what);
  }
  const auto late = usable.has_network ? apply_addons(limited, home, cluster, AddonTurn::late) : Result<void>();
  resume(limited, home, spec.profile);
  if (late.ok() && usable.has_network) hold_host_ports(limited, home, cluster);
  load_kept(limited, home, spec.profile);
  TRY(std::move(usable.early_addons));
  TRY(late);
  return StartReport{spec, plan, resolved.changes, access.server, usable.has_network};
}

}  // namespace

Result<StartReport> start(const Context& ctx, const Home& home, const StartRequest& request) {
  TRY(check_profile_name(request.profile));
  const auto lock = TRY(home.store.lock(ctx, request.profile));
  const Resolved resolved = TRY(resolve_here(ctx, home, request));
  const auto network = TRY(network_objects(request));
  const auto& [saved, wanted, traits, seen, restarts, changes] = resolved;
  const auto planned = make_plan(wanted.spec, seen);
  if (request.dry_run) return StartReport{wanted.spec, planned, changes, {}};
  if (request.download_only) {
    TRY(prepare(ctx, home, resolved, {}));
    return StartReport{wanted.spec, {}, changes, {}};
  }
  TRY(forget_scheduled_stop(ctx, home, request.profile));

  auto given = TRY(from_user(ctx, home, wanted.spec));
  std::optional<ClusterSpec> before = saved;  // what the profile says again, should this fail
  Undo undo(*ctx.events);
  TRY(home.store.mark_unfinished(wanted.id()));
  undo.add([&](const Context&) { return home.store.mark_finished(request.profile); });
  if (traits.slow)
    ctx.events->warning("The nodes' host offers no KVM: processors are emulated, and all takes ten times as long");
  TRY(prepare(ctx, home, resolved, saved ? saved->addons : std::vector<std::string>()));

  const Duration patience = request.wait_timeout.value_or(usual_wait(traits));
  Context limited = ctx.within(patience);
  undo.add([&](const Context&) { return before ? home.store.save(*before) : home.store.remove(request.profile); });
  warn_of_other_image(ctx, wanted.spec);
  // A line that scripts look for in minikube's log.
  if (std::ranges::all_of(planned, [](const auto& each) { return each.action == NodeAction::keep; })) {
    sys::log::info("The running cluster does not require reconfiguration");
  }
  if (restarts) TRY(stop_for_settings(limited, home, wanted, undo));
  PlacedSpec spec = TRY(provide_network(limited, wanted, home.store, !saved, undo));
  warn_of_inotify(ctx, traits, nodes_to_start(planned));
  const Supplies supplies = TRY(supplies_of(limited, home, wanted, traits, std::move(given)));
  const auto explained = [&](Error error) {
    if (request.keep_on_failure) undo.dismiss();
    const Context fresh{{}, Deadline::in(std::chrono::seconds(5)), ctx.events};
    return with_console(fresh, wanted, std::move(error));
  };
  // There is no way back from the first node on: what a newer etcd has written an older one does not read.
  if (upgrades(planned)) before = spec;
  auto plan = planned;
  if (upgrades_running(planned, seen)) {
    auto upgraded = upgrade_in_turn(ctx, patience, home, {spec, wanted.driver}, planned, seen, supplies, undo);
    if (!upgraded.ok()) return explained(std::move(upgraded).error());
    for (auto& node : plan) node.action = NodeAction::keep;
    limited = ctx.within(patience);
  }
  spec.given = kube::outside_files(spec, supplies.outside).digest;
  if (spec.no_kubernetes) {
    auto runs = bring_to_life_bare(limited, home, resolved, spec, plan, supplies, undo);
    if (!runs.ok()) return explained(std::move(runs).error());
    TRY(home.store.save(spec));
    TRY(home.store.mark_finished(request.profile));
    undo.dismiss();
    load_kept(limited, home, spec.profile);
    return StartReport{spec, planned, changes, {}};
  }
  auto usable = bring_to_life(limited, home, resolved, spec, plan, supplies, network, undo);
  if (!usable.ok()) return explained(std::move(usable).error());
  usable->cluster.spec.shared_api = shares_api(spec);
  TRY(home.store.save(usable->cluster.spec));
  TRY(home.store.mark_finished(request.profile));
  undo.dismiss();
  return settle(ctx, limited, home, request, resolved, planned, *usable);
}

}  // namespace skiff::cluster
