// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_plan.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

using addons::Addon;
using addons::Catalogue;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Adds the addon behind all that it requires. `open` are the addons whose requirements are being added.
Result<void> add(const Catalogue& catalogue, const std::vector<std::string>& enabled, const std::string& name,
                 std::vector<std::string>& open, std::vector<Addon>& plan) {
  Addon addon = TRY(addons::find_addon(catalogue, name));
  if (std::ranges::find(plan, addon.name, &Addon::name) != plan.end()) return {};
  if (contains(open, addon.name)) {
    return make_error(ErrorId::addon_conflict, "The addons " + join(open, ", ") + " require each other in a circle");
  }
  open.push_back(addon.name);
  for (const auto& required : addon.required) {
    if (!contains(enabled, required)) TRY(add(catalogue, enabled, required, open, plan));
  }
  open.pop_back();
  plan.push_back(std::move(addon));
  return {};
}

Result<void> check_conflict(const Addon& addon, const std::string& other, const std::vector<std::string>& others,
                            const std::string& advice) {
  if (addon.name == other || (!contains(addon.conflicts, other) && !contains(others, addon.name))) return {};
  return make_error(ErrorId::addon_conflict, "The addons '" + addon.name + "' and '" + other + "' exclude each other",
                    advice);
}

}  // namespace

std::vector<std::string> default_addons(const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& [name, addon] : catalogue) {
    if (addon.ok() && addon->by_default) names.push_back(name);
  }
  return names;
}

Result<std::vector<Addon>> plan_enabling(const Catalogue& catalogue, const std::vector<std::string>& enabled,
                                         const std::vector<std::string>& names) {
  std::vector<Addon> plan;
  std::vector<std::string> open;
  for (const auto& name : names) TRY(add(catalogue, enabled, name, open, plan));
  for (const auto& addon : plan) {
    for (const auto& name : enabled) {
      const auto other = addons::find_addon(catalogue, name);
      TRY(check_conflict(addon, name, other.ok() ? other->conflicts : std::vector<std::string>(),
                         "Disable one first: 'skiff addons disable " + name + "'"));
    }
    for (const auto& other : plan) TRY(check_conflict(addon, other.name, other.conflicts, "Leave one of them out"));
  }
  return plan;
}

Result<std::vector<std::string>> plan_disabling(const Catalogue& catalogue, const std::vector<std::string>& enabled,
                                                const std::vector<std::string>& names) {
  std::vector<std::string> wanted;
  for (const auto& name : names) {
    const std::string canonical = contains(enabled, name) ? name : TRY(addons::find_addon(catalogue, name)).name;
    if (contains(enabled, canonical) && !contains(wanted, canonical)) wanted.push_back(canonical);
  }
  std::vector<std::string> plan;
  // Enabled addons stand behind those that they require, if they were enabled in one go; take them from the end.
  for (auto name = enabled.rbegin(); name != enabled.rend(); ++name) {
    if (contains(wanted, *name)) {
      plan.push_back(*name);
      continue;
    }
    const auto stays = addons::find_addon(catalogue, *name);
    if (!stays.ok()) continue;
    for (const auto& required : stays->required) {
      if (!contains(wanted, required)) continue;
      return make_error(ErrorId::addon_conflict, "The addon '" + *name + "' requires '" + required + "'",
                        "Disable both: 'skiff addons disable " + *name + " " + required + "'");
    }
  }
  return plan;
}

}  // namespace skiff::cluster
