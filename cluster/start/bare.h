// SPDX-License-Identifier: Apache-2.0
// A start without Kubernetes: its nodes run containers, and nothing else.
#pragma once

#include <vector>

#include "cluster/nodes/plan.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Until the container runtime of every node of the plan answers.
Result<void> await_runtimes(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan);

}  // namespace skiff::cluster
