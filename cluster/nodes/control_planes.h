// SPDX-License-Identifier: Apache-2.0
// Several control planes: how many must run, and how one of them leaves.
#pragma once

#include <string>
#include <vector>

#include "cluster/cluster.h"

namespace skiff::cluster {

// Of so many control planes, how many their etcd needs.
constexpr int majority_of(int control_planes) { return control_planes / 2 + 1; }

// The names of those that run, in the spec's order. Pure.
std::vector<std::string> running_control_planes(const ClusterSpec& spec,
                                                const std::vector<drivers::ObservedNode>& seen);

// Whether the control planes that run are as many as etcd needs.
bool has_majority(const ClusterSpec& spec, const std::vector<std::string>& running);

// Nothing when the control plane may leave the cluster with its state whole; pure. unsupported for the last one;
// cluster_not_running when none runs, quorum_at_risk when too few of them do, now or without this one.
Result<void> check_departure(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& seen,
                             const std::string& leaving);

// Takes the member of etcd that a control plane had out, asking one of `others`, names of nodes that run. None of that
// name = success. node_command_failed when none of them could.
Result<void> remove_member(const Context& ctx, const Cluster& cluster, const std::string& leaving,
                           const std::vector<std::string>& others);

}  // namespace skiff::cluster
