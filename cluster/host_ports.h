// SPDX-License-Identifier: Apache-2.0
// What this host reaches of an addon on a port of its own, held by the profile's agent while the addon is enabled.
#pragma once

#include "addons/addon.h"
#include "addons/settings.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Where the addon has a value for that port and nobody has set one: the first port from its default on that is free on
// this host now, if that is not the default itself. Which ports other clusters of this host are to have while they are
// stopped is not known.
addons::Settings with_host_port(addons::Settings settings, const addons::Addon& addon);

bool moves_host_port(const addons::Addon& addon, const addons::Settings& before, const addons::Settings& after);

// Unless the user has the service forwarded already, to whichever port. A port that is taken is a warning: the addon
// works without.
void hold_host_port(const Context& ctx, const Home& home, LiveCluster& cluster, const addons::Addon& addon,
                    const addons::Settings& settings);
void release_host_port(const Context& ctx, const Home& home, const std::string& profile, const addons::Addon& addon);

}  // namespace skiff::cluster
