#include "cluster/lifecycle.h"

#include <set>

#include "base/parallel.h"
#include "base/strings.h"
#include "drivers/driver_table.h"

namespace skiff::cluster {

Result<void> stop(const Context& ctx, const Services& services, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(services.store.lock(ctx, profile));
  const auto opened = TRY(open_profile(services, profile));
  Step step(*ctx.events, "stop", "Stopping the nodes");
  const auto nodes = TRY(opened.driver->nodes(ctx, profile));
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) {
    return opened.driver->stop_node(c, node.id);
  }));
  TRY(kube::unset_in_user_kubeconfig(ctx, profile));
  step.done();
  return {};
}

namespace {

// The drivers in which something of this profile may lie: the one it names, or every one that answers when its
// profile.yaml is gone or unreadable.
Result<std::vector<std::unique_ptr<drivers::Driver>>> drivers_of(const Context& ctx, const Services& services,
                                                                 const std::string& profile) {
  std::vector<std::unique_ptr<drivers::Driver>> found;
  const auto spec = services.store.find(profile);
  if (spec.ok() && *spec) {
    found.push_back(TRY(services.make_driver((*spec)->driver)));
    TRY(found.front()->check(ctx));
    return found;
  }
  for (const auto& info : drivers::all_drivers()) {
    auto driver = TRY(services.make_driver(info.name));
    if (driver->check(ctx).ok()) found.push_back(std::move(driver));
  }
  return found;
}

}  // namespace

Result<void> remove(const Context& ctx, const Services& services, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(services.store.lock(ctx, profile));
  const auto found = TRY(drivers_of(ctx, services, profile));
  bool anything = sys::exists(services.store.folder(profile));

  Step step(*ctx.events, "delete", "Deleting the cluster");
  for (const auto& driver : found) {
    const auto nodes = TRY(driver->nodes(ctx, profile));
    anything = anything || !nodes.empty();
    TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) {
      return driver->remove_node(c, node.id);
    }));
    TRY(driver->remove_leftovers(ctx, profile));
  }
  if (!anything) return services.store.get(profile).error();
  TRY(kube::remove_from_user_kubeconfig(ctx, profile));
  TRY(services.store.remove(profile));
  step.done();
  return {};
}

Result<std::vector<std::string>> all_profiles(const Context& ctx, const Services& services) {
  const auto saved = services.store.names();
  std::set<std::string> names(saved.begin(), saved.end());
  for (const auto& info : drivers::all_drivers()) {
    const auto driver = TRY(services.make_driver(info.name));
    const auto nodes = driver->nodes(ctx, "");
    if (!nodes.ok()) continue;
    for (const auto& node : *nodes) names.insert(node.id.cluster);
  }
  return std::vector(names.begin(), names.end());
}

}  // namespace skiff::cluster
