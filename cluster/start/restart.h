// SPDX-License-Identifier: Apache-2.0
// Settings that running nodes take only by starting anew.
#pragma once

#include "cluster/store/home.h"
#include "cluster/undo.h"

namespace skiff::cluster {

// Whether the nodes of the saved cluster must start anew to be as `spec` says.
bool restarts_nodes(const std::optional<ClusterSpec>& saved, const ClusterSpec& spec);

// The nodes as they will be when they have stopped. unsupported when some sleep: they would go on with what they had.
Result<std::vector<drivers::ObservedNode>> stopped_nodes(std::vector<drivers::ObservedNode> seen);

// unsupported when a node sleeps, that would go on with what it had.
Result<void> check_awake(const std::vector<drivers::ObservedNode>& seen);

// Stops the nodes that run. Should the start fail, they are stopped too, so that the next one gives them what the
// profile says then.
Result<void> stop_for_settings(const Context& ctx, const Home& home, const Cluster& cluster, Undo& undo);

}  // namespace skiff::cluster
