// SPDX-License-Identifier: Apache-2.0
// Which addons, in which order. Pure.
#pragma once

#include <string>
#include <vector>

#include "addons/catalogue.h"

namespace skiff::cluster {

// The addons that every new cluster has.
std::vector<std::string> default_addons(const addons::Catalogue& catalogue);

// The addons to enable for `names` (or aliases): each after those that it requires, required ones included unless
// enabled already. addon_conflict when two of them, or one and an enabled one, exclude each other or require each other
// in a circle.
Result<std::vector<addons::Addon>> plan_enabling(const addons::Catalogue& catalogue,
                                                 const std::vector<std::string>& enabled,
                                                 const std::vector<std::string>& names);

// The enabled ones among `names`, each before those that it requires. An addon whose folder is gone is found by its
// name. addon_conflict when one that stays enabled requires one of them.
Result<std::vector<std::string>> plan_disabling(const addons::Catalogue& catalogue,
                                                const std::vector<std::string>& enabled,
                                                const std::vector<std::string>& names);

}  // namespace skiff::cluster
