// What this host reaches of an addon on a port of its own, held by the profile's agent while the addon is enabled.
#pragma once

#include "addons/addon.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Unless the user has the service forwarded already, to whichever port. A port that is taken is a warning: the addon
// works without.
void hold_host_port(const Context& ctx, const Home& home, LiveCluster& cluster, const addons::Addon& addon);
void release_host_port(const Context& ctx, const Home& home, const std::string& profile, const addons::Addon& addon);

}  // namespace skiff::cluster
