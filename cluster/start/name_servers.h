// SPDX-License-Identifier: Apache-2.0
// Name servers of nodes that ran on while their host changed its network.
#pragma once

#include <vector>

#include "cluster/start/start.h"
#include "sys/net/host_net.h"

namespace skiff::cluster {

// Gives nodes that did not boot the name servers and search domains that their host has now, where they have others;
// cluster DNS is then started anew, as it reads them only once. Wait for its answers afterwards.
Result<void> renew_name_servers(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                const sys::Resolver& resolver);

}  // namespace skiff::cluster
