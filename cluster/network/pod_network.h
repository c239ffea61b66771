// SPDX-License-Identifier: Apache-2.0
// Networks for pods that skiff does not make: whether one is there, and bringing it by manifests.
#pragma once

#include <vector>

#include "cluster/cluster.h"

namespace skiff::cluster {

// Where the user brings the network: whether the control plane's node, which runs, has a CNI configuration. All others
// have a network from the beginning.
Result<bool> has_network(const Context& ctx, const Cluster& cluster);

// Applies manifests as soon as the API lives, by force: definitions first, and what needs them when they are there.
Result<void> apply_network(const Context& ctx, LiveCluster& cluster, std::vector<Json> objects);

}  // namespace skiff::cluster
