// SPDX-License-Identifier: Apache-2.0
// A cluster goes to another version of Kubernetes: its nodes are made anew from another image, around what they have.
#pragma once

#include <vector>

#include "cluster/start/provision.h"

namespace skiff::cluster {

bool upgrades(const std::vector<PlannedNode>& plan);
// Whether some of those nodes run. Those of a cluster that is stopped are made anew by its start, all at once.
bool upgrades_running(const std::vector<PlannedNode>& plan, const std::vector<drivers::ObservedNode>& seen);

// unsupported when nodes of another image sleep: they would go on as they are.
Result<void> check_upgrade_of_nodes(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen);

// Brings all nodes of the plan to where they shall be, one after the other and the control planes first, while the
// others serve: one that runs gives its pods away, as far as budgets for disruptions let them go, and takes pods again
// when it is Ready. Each has `patience`. What is done stays done: the same start again goes on with the rest. Blocks
// for up to a minute and a half per node.
Result<void> upgrade_in_turn(const Context& ctx, Duration patience, const Home& home, const Cluster& cluster,
                             const std::vector<PlannedNode>& plan, const std::vector<drivers::ObservedNode>& seen,
                             const Supplies& supplies, Undo& undo);

}  // namespace skiff::cluster
