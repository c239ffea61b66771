#include "cluster/start/start.h"

#include <algorithm>

#include "base/parallel.h"
#include "cluster/addons/addons.h"
#include "cluster/images/node_images.h"
#include "cluster/images/own_image.h"
#include "cluster/nodes/growth.h"
#include "cluster/ownership.h"
#include "cluster/proxy.h"
#include "cluster/reach/agent.h"
#include "cluster/reach/tunnel.h"
#include "cluster/scheduled_stop.h"
#include "cluster/start/bring_up.h"
#include "cluster/start/crashes.h"
#include "cluster/start/home_files.h"
#include "cluster/start/inotify.h"
#include "cluster/start/name_servers.h"
#include "cluster/start/provision.h"
#include "cluster/start/restart.h"
#include "cluster/undo.h"

namespace skiff::cluster {
namespace {

Error with_console(const Context& ctx, drivers::Driver& driver, const ClusterSpec& spec, Error error) {
  if (error.id == ErrorId::interrupted) return error;
  if (auto words = driver.console(ctx, {identity_of(spec), nodes_of(spec).front().name});
      words.ok() && !words->empty()) {
    error.trail.push_back("the control plane's last words: " + *words);
  }
  return with_crashes(ctx, driver, spec, std::move(error));
}

// A virtual machine is made with a number of processors and a size of memory.
Result<void> check_limits(const StartRequest& request, const drivers::DriverTraits& traits) {
  const bool all = request.cpus == all_cpus || (request.memory && is_all(*request.memory));
  if (!all || !traits.own_kernel) return {};
  return make_error(ErrorId::unsupported, "A virtual machine cannot have all CPUs or all memory of its host",
                    "Give --cpus and --memory numbers, or leave them out");
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
    return planned.action == NodeAction::create || planned.action == NodeAction::start;
  }));
}

}  // namespace

Result<StartReport> start(const Context& ctx, const Home& home, const StartRequest& request) {
  TRY(check_profile_name(request.profile));
  const auto lock = TRY(home.store.lock(ctx, request.profile));
  const auto saved = TRY(home.store.find(request.profile));
  ClusterSpec spec = TRY(resolve(request, saved));
  if (!saved) spec = with_new_identity(home, std::move(spec));
  spec.addons = TRY(check_addons(home, spec.addons, saved ? Defaults::leave : Defaults::add));
  const auto driver = TRY(home.make_driver(spec.driver, spec.driver_uri));
  TRY(driver->check(ctx));
  const auto traits = TRY(driver->traits(ctx));
  TRY(check_architecture(traits));
  TRY(check_limits(request, traits));
  if (spec.node_image.empty()) spec.node_image = own_image_reference(traits);
  auto seen = TRY(own_nodes(ctx, *driver, spec));
  const bool restarts = restarts_nodes(saved, spec);
  if (restarts) seen = TRY(stopped_nodes(std::move(seen)));
  TRY(kube::check_user_kubeconfig(context_of(spec), home.store.authority_certificate(spec.profile)));
  if (request.dry_run) return StartReport{spec, make_plan(spec, seen), {}};
  if (request.download_only) {
    TRY(ensure_image(ctx, *driver, traits, spec.node_image));
    TRY(prepare_addons(ctx, home, spec, {}));
    return StartReport{spec, {}, {}};
  }
  TRY(forget_scheduled_stop(ctx, home, spec.profile));

  const auto user_files = TRY(home_files(home.folder(), *ctx.events));
  Undo undo(*ctx.events);
  TRY(home.store.mark_unfinished(identity_of(spec)));
  undo.add([&](const Context&) { return home.store.mark_finished(request.profile); });
  if (traits.slow)
    ctx.events->warning("The nodes' host offers no KVM: processors are emulated, and all takes ten times as long");
  TRY(ensure_image(ctx, *driver, traits, spec.node_image));
  TRY(prepare_addons(ctx, home, spec, saved ? saved->addons : std::vector<std::string>()));
  // Both may build for many minutes: the limit begins here.
  const Context limited = ctx.within(request.wait_timeout.value_or(usual_wait(traits)));
  undo.add([&](const Context&) { return saved ? home.store.save(*saved) : home.store.remove(request.profile); });
  warn_of_other_image(ctx, spec);
  if (restarts) TRY(stop_for_settings(limited, home, *driver, spec, undo));
  spec = TRY(provide_network(limited, *driver, spec, home.store, !saved, undo));
  const auto plan = make_plan(spec, seen);
  warn_of_inotify(ctx, traits, nodes_to_start(plan));
  const auto authorities = TRY(home.store.authorities(spec.profile));
  const auto facts = TRY(driver->host_facts(limited, spec.node_image));
  Result<void> early;  // an addon that fails is no reason to take the cluster back
  const auto make_usable = [&]() -> Result<kube::Access> {
    if (saved && saved->nodes != spec.nodes) {
      undo.add([&](const Context& c) { return forget_growth(c, home, *driver, *saved); });
    }
    TRY(provision(limited, *driver, traits, facts, spec, plan, authorities, user_files, undo));
    auto access = TRY(api_access(home, spec, TRY(driver->nodes(limited, identity_of(spec)))));
    const auto work = [&](const Context& c) -> Result<void> {
      TRY(bring_up(c, access, *driver, spec, plan, facts.now));
      TRY(renew_name_servers(c, access, *driver, spec, plan, facts.resolver));
      TRY(share_images_with_new(c, *driver, identity_of(spec), plan));
      return parallel(c, {[&](const Context& d) { return await_dns(d, access, *driver, spec, plan); },
                          [&](const Context& d) -> Result<void> {
                            early = apply_addons(d, home, access, *driver, spec, AddonTurn::early);
                            const bool stopped = !early.ok() && early.error().id == ErrorId::interrupted;
                            return stopped ? early : Result<void>();
                          }});
    };
    // skiff's own flags are known to work.
    TRY(sets_components(spec.kubernetes) ? unless_services_crash(limited, *driver, spec, work) : work(limited));
    return access;
  };
  auto usable = make_usable();
  if (!usable.ok()) {
    if (request.keep_on_failure) undo.dismiss();
    const Context fresh{{}, Deadline::in(std::chrono::seconds(5)), ctx.events};
    return with_console(fresh, *driver, spec, std::move(usable).error());
  }

  kube::Access access = *std::move(usable);
  access.renew_context = request.kubernetes.context_namespace.has_value();
  TRY(home.store.save(spec));
  TRY(home.store.mark_finished(spec.profile));
  undo.dismiss();  // a cluster that works is not taken back for what comes now
  TRY(write_user_kubeconfig(ctx, access, spec.profile, context_of(saved.value_or(spec)), request.keep_context));
  warn_of_proxy(ctx, access);
  if (const auto cleaned = clean_after_tunnel(limited, home, spec.profile, By::user); !cleaned.ok()) {
    ctx.events->warning("Not all that a tunnel has left is taken back: " + cleaned.error().what);
  }
  const auto late = apply_addons(limited, home, access, *driver, spec, AddonTurn::late);
  resume(limited, home, spec.profile);
  if (late.ok()) hold_host_ports(limited, home, access, spec);
  TRY(std::move(early));
  TRY(late);
  return StartReport{spec, plan, access.server};
}

}  // namespace skiff::cluster
