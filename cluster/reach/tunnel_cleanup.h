// SPDX-License-Identifier: Apache-2.0
// What a tunnel leaves on disk, and how it is taken back. Internal to the tunnel; others see tunnel.h.
#pragma once

#include <string>
#include <vector>

#include "addons/addon.h"
#include "cluster/reach/tunnel.h"
#include "cluster/reach/tunnel_plan.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// What addons have for tunnels, whether they are enabled or not: a door whose service is there is served. One for each
// service, of the first addon that names it.
std::vector<addons::TunnelDoor> tunnel_doors(const Home& home);
inline ServiceKey key_of(const addons::TunnelDoor& door) { return {door.ns, door.service}; }

std::string tunnel_folder(const Home& home, const std::string& profile);
std::string tunnel_file(const std::string& folder);
std::string status_path(const ServiceKey& service);
// The name of this home's block of the profile in a hosts file, see net/hosts/hosts_text.h.
std::string hosts_block_of(const Home& home, const std::string& profile);
TunnelState load_tunnel_state(const std::string& folder);  // empty when there is none that can be read

// Held by the process whose tunnel it is; tunnel_conflict when another one has it.
Result<sys::Lock> lock_tunnel(const Context& ctx, const Home& home, const std::string& profile);

// What a failure leaves in a hosts file, told so that the user can remove it.
Error left_in_hosts_file(const std::string& file, const std::string& block, const Error& why);

// Two parts, each under lock_tunnel(); what fails stays in the state. The hosts block that the state names,
Result<void> take_back_hosts(const Context& ctx, const Home& home, const std::string& profile, By by);
// and the statuses, for which the API must answer.
Result<void> take_back_statuses(const Context& ctx, const Home& home, LiveCluster& cluster);

}  // namespace skiff::cluster
