// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addons.h"

#include <algorithm>
#include <optional>

#include "cluster/addons/addon_install.h"
#include "cluster/addons/addon_objects.h"
#include "cluster/addons/addon_plan.h"
#include "cluster/host_ports.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cluster {
namespace {

using addons::Addon;
using addons::Settings;

constexpr Duration patience_for_forwards = std::chrono::seconds(30);

bool is_enabled(const ClusterSpec& spec, const std::string& name) {
  return std::ranges::find(spec.addons, name) != spec.addons.end();
}

Settings settings_of(const ClusterSpec& spec, const std::string& addon) {
  const auto found = spec.addon_values.find(addon);
  return found == spec.addon_values.end() ? Settings() : found->second;
}

void store_settings(ClusterSpec& spec, const std::string& addon, const Settings& settings) {
  spec.addon_values.erase(addon);
  if (!settings.empty()) spec.addon_values[addon] = settings;
}

// The addon's settings in the profile, as far as it still knows them, with the request's changes.
Result<Settings> wanted_settings(const Addon& addon, Settings settings, const AddonRequest& request) {
  std::erase_if(settings,
                [&](const auto& entry) { return !addons::check_setting(addon, entry.first, entry.second).ok(); });
  for (const auto& name : request.unset) {
    TRY(addons::check_name(addon, name));
    settings.erase(name);
  }
  for (const auto& [name, value] : TRY(addons::image_settings(addon, request.images, request.registries))) {
    settings[name] = value;
  }
  for (const auto& [name, value] : request.values) {
    TRY(addons::check_setting(addon, name, value));
    settings[name] = value;
  }
  return settings;
}

Result<void> check_sets_one(const AddonRequest& request) {
  const bool sets = !request.values.empty() || !request.images.empty() || !request.registries.empty();
  if (!sets || request.names.size() == 1) return {};
  return make_error(ErrorId::usage, "Values and images can be set for one addon at a time");
}

// The profile's cluster if that runs; nothing when it is stopped or gone.
Result<std::optional<LiveCluster>> if_it_runs(const Context& ctx, const Home& home, const Cluster& cluster) {
  const auto nodes = TRY(all_or_no_nodes(ctx, cluster));
  if (nodes.empty()) return std::optional<LiveCluster>();
  return std::optional<LiveCluster>(std::in_place, cluster, TRY(api_access(home, cluster.spec, nodes)));
}

Result<ClusterSpec> saved_or_new(const Home& home, const std::string& profile) {
  auto saved = TRY(home.store.find(profile));
  if (saved) return *std::move(saved);
  ClusterSpec spec;
  spec.profile = profile;
  return spec;
}

AddonTurn turn_of(const addons::Catalogue& catalogue, const std::string& name) {
  const auto addon = addons::find_addon(catalogue, name);
  return addon.ok() && addon->by_default ? AddonTurn::early : AddonTurn::late;
}

// The addon with new settings: into the cluster when that runs, and into the profile.
Result<AddonChange> put(const Context& ctx, const Home& home, ClusterSpec& spec, std::optional<LiveCluster>& live,
                        const Addon& addon, const Settings& settings, Duration wait_timeout) {
  const bool enabled = is_enabled(spec, addon.name);
  const Settings old = settings_of(spec, addon.name);
  const auto into_cluster = [&] {
    const auto before = enabled ? std::optional(settings_of(spec, addon.name)) : std::nullopt;
    return install_addon(ctx, *live, addon, {settings, before, wait_timeout});
  };
  const auto rendered = TRY(live ? into_cluster() : addons::render(addon, settings, addon_facts(spec)));
  if (!enabled) spec.addons.push_back(addon.name);
  store_settings(spec, addon.name, settings);
  TRY(home.store.save(spec));
  if (live && enabled && moves_host_port(addon, old, settings)) {
    release_host_port(ctx.within(patience_for_forwards), home, spec.profile, addon);
  }
  if (live) hold_host_port(ctx.within(patience_for_forwards), home, *live, addon, settings);
  return AddonChange{addon.name, rendered.images, rendered.notes, live.has_value()};
}

}  // namespace

Result<addons::Catalogue> load_catalogue(const Home& home) {
  return addons::make_catalogue(TRY(addons::read_folders(addon_folder(home))));
}

Result<std::vector<std::string>> check_addons(const Home& home, std::vector<std::string> names, Defaults defaults) {
  const auto catalogue = TRY(load_catalogue(home));
  if (defaults == Defaults::add) {
    const auto first = default_addons(catalogue);
    names.insert(names.begin(), first.begin(), first.end());
  }
  auto plan = plan_enabling(catalogue, {}, names);
  if (!plan.ok() && plan.error().id == ErrorId::addon_not_found) {
    plan.error().advice =
        "List addons with 'skiff addons list'; one that is enabled while its folder has gone is forgotten with "
        "'skiff addons disable NAME'";
  }
  std::vector<std::string> canonical;
  for (const auto& addon : TRY(std::move(plan))) canonical.push_back(addon.name);
  return canonical;
}

Result<void> choose_host_ports(const Home& home, ClusterSpec& spec, const std::vector<std::string>& had) {
  const auto catalogue = TRY(load_catalogue(home));
  for (const auto& name : spec.addons) {
    if (std::ranges::find(had, name) != had.end()) continue;
    const auto addon = TRY(addons::find_addon(catalogue, name));
    store_settings(spec, name, with_host_port(settings_of(spec, name), addon));
  }
  return {};
}

Result<std::vector<AddonChange>> enable_addons(const Context& ctx, const Home& home, const AddonRequest& request) {
  TRY(check_sets_one(request));
  const auto catalogue = TRY(load_catalogue(home));
  TRY(plan_enabling(catalogue, {}, request.names));  // names that are wrong need no cluster
  const auto lock = TRY(home.store.lock(ctx, request.profile));
  auto [spec, driver] = TRY(open_profile(home, request.profile));
  auto live = TRY(if_it_runs(ctx, home, {spec, driver}));
  for (const auto& name : request.names) {
    const auto addon = TRY(addons::find_addon(catalogue, name));
    if (addon.name != name) ctx.events->note("'" + name + "' is another name of the addon '" + addon.name + "'");
  }
  std::vector<AddonChange> changes;
  for (const auto& addon : TRY(plan_enabling(catalogue, spec.addons, request.names))) {
    const bool asked = addon.name == TRY(addons::find_addon(catalogue, request.names.back())).name;
    const Settings old = settings_of(spec, addon.name);
    auto settings = TRY(wanted_settings(addon, old, asked ? request : AddonRequest()));
    if (!is_enabled(spec, addon.name)) settings = with_host_port(std::move(settings), addon);
    for (const auto& image : addons::images_in_use(addon, settings)) {
      ctx.events->note("Using image " + image.reference + " (" + image.origin + ")");
    }
    changes.push_back(TRY(put(ctx, home, spec, live, addon, settings, request.wait_timeout)));
    ctx.events->note(live ? "The '" + addon.name + "' addon is enabled"
                          : "The cluster does not run: the '" + addon.name + "' addon will be enabled by its start");
  }
  return changes;
}

Result<std::vector<AddonChange>> disable_addons(const Context& ctx, const Home& home, const AddonRequest& request) {
  const auto catalogue = TRY(load_catalogue(home));
  const auto lock = TRY(home.store.lock(ctx, request.profile));
  auto [spec, driver] = TRY(open_profile(home, request.profile));
  auto live = TRY(if_it_runs(ctx, home, {spec, driver}));
  std::vector<AddonChange> changes;
  for (const auto& name : TRY(plan_disabling(catalogue, spec.addons, request.names))) {
    if (const auto addon = addons::find_addon(catalogue, name); addon.ok()) {
      release_host_port(ctx.within(patience_for_forwards), home, spec.profile, *addon);
    }
    if (live) {
      Step step(*ctx.events, "addon-remove", "Removing the addon '" + name + "'");
      TRY(keep_only(ctx.within(request.wait_timeout), live->client, name, {}));
      step.done();
    }
    std::erase(spec.addons, name);
    TRY(home.store.save(spec));
    changes.push_back({name, {}, {}, live.has_value()});
    ctx.events->note(live ? "The '" + name + "' addon is disabled"
                          : "The cluster does not run: the '" + name + "' addon will be removed by its start");
  }
  return changes;
}

Result<AddonChange> configure_addon(const Context& ctx, const Home& home, const AddonRequest& request) {
  const auto addon = TRY(addons::find_addon(TRY(load_catalogue(home)), request.names.front()));
  const auto lock = TRY(home.store.lock(ctx, request.profile));
  auto [spec, driver] = TRY(open_profile(home, request.profile));
  auto live = TRY(if_it_runs(ctx, home, {spec, driver}));
  const auto settings = TRY(wanted_settings(addon, settings_of(spec, addon.name), request));
  if (is_enabled(spec, addon.name)) return put(ctx, home, spec, live, addon, settings, request.wait_timeout);
  store_settings(spec, addon.name, settings);
  TRY(home.store.save(spec));
  return AddonChange{addon.name, {}, {}, false};
}

Result<std::vector<ListedAddon>> list_addons(const Home& home, const std::string& profile) {
  auto catalogue = TRY(load_catalogue(home));
  const auto saved = TRY(home.store.find(profile));
  ClusterSpec spec = saved.value_or(ClusterSpec());
  if (!saved) spec.addons = default_addons(catalogue);
  std::vector<ListedAddon> list;
  for (auto& entry : catalogue) {
    const bool enabled = is_enabled(spec, entry.name);
    list.push_back({std::move(entry), enabled});
  }
  return list;
}

Result<DescribedAddon> describe_addon(const Home& home, const std::string& profile, const std::string& name) {
  const auto spec = TRY(saved_or_new(home, profile));
  auto addon = TRY(addons::find_addon(TRY(load_catalogue(home)), name));
  auto settings = TRY(wanted_settings(addon, settings_of(spec, addon.name), {}));
  auto rendered = TRY(addons::render(addon, settings, addon_facts(spec)));
  const bool enabled = is_enabled(spec, addon.name);
  return DescribedAddon{std::move(addon), std::move(rendered.images), std::move(rendered.endpoint), std::move(settings),
                        enabled};
}

Result<void> prepare_addons(const Context& ctx, const Home& home, const ClusterSpec& spec,
                            const std::vector<std::string>& had) {
  const auto catalogue = TRY(load_catalogue(home));
  for (const auto& name : spec.addons) {
    if (std::ranges::find(had, name) != had.end()) continue;
    const auto addon = TRY(addons::find_addon(catalogue, name));
    TRY(prepare_addon(ctx, addon, TRY(wanted_settings(addon, settings_of(spec, name), {})), spec));
  }
  return {};
}

void hold_host_ports(const Context& ctx, const Home& home, LiveCluster& cluster) {
  const auto catalogue = load_catalogue(home);
  if (!catalogue.ok()) return;
  for (const auto& name : cluster.spec.addons) {
    const auto addon = addons::find_addon(*catalogue, name);
    if (!addon.ok()) continue;
    hold_host_port(ctx.within(patience_for_forwards), home, cluster, *addon, settings_of(cluster.spec, name));
  }
}

Result<void> apply_addons(const Context& ctx, const Home& home, LiveCluster& cluster, AddonTurn turn) {
  const ClusterSpec& spec = cluster.spec;
  if (turn == AddonTurn::late) {
    for (const auto& name : TRY(recorded_addons(ctx, cluster.client))) {
      if (!is_enabled(spec, name)) TRY(keep_only(ctx, cluster.client, name, {}));
    }
  }
  const auto catalogue = TRY(load_catalogue(home));
  Result<void> first;
  for (const auto& name : spec.addons) {
    if (turn_of(catalogue, name) != turn) continue;
    const auto apply = [&]() -> Result<void> {
      const auto addon = TRY(addons::find_addon(catalogue, name));
      const auto settings = TRY(wanted_settings(addon, settings_of(spec, name), {}));
      TRY(install_addon(ctx, cluster, addon, {settings, settings, ctx.deadline.left(), Edits::keep}));
      return {};
    };
    if (auto applied = apply(); !applied.ok() && first.ok()) first = std::move(applied);
  }
  return first;
}

}  // namespace skiff::cluster
