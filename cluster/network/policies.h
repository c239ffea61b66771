// SPDX-License-Identifier: Apache-2.0
// NetworkPolicies: whether kernels can enforce them, as nodes say of theirs, and as this host can tell of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/cluster.h"
#include "cluster/nodes/plan.h"

namespace skiff::cluster {

// What a node's policy service has found out: nothing when it enforces them, else why it does not.
std::optional<std::string> why_not_enforced(std::string_view told);

// Warns once when the nodes that this plan starts do not enforce policies. Waits until the service of one of them,
// which all have the same image and kernel, has found out.
Result<void> warn_of_policies(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan);

// Whether a kernel that was built like this ("CONFIG_NFT_QUEUE=m", a line each) can ask a program about packets.
bool asks_about_packets(std::string_view kernel_config);
// How this host's kernel was built; nothing when it does not say.
std::optional<std::string> kernel_config();

}  // namespace skiff::cluster
