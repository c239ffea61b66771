// SPDX-License-Identifier: Apache-2.0
// Into the nodes: which one is meant, and does it run?
#pragma once

#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// The node of that name ("w1" and "lab-w1" are both right; "lab" and an empty name = the control plane). node_not_found
// with the nearest name; cluster_not_running when it does not run.
Result<drivers::NodeId> find_node(const Context& ctx, const Cluster& cluster, const std::string& name);

// The profile's cluster with its API. cluster_not_running when its control plane does not run.
Result<LiveCluster> open_running(const Context& ctx, const Home& home, const std::string& profile);

// The member of that name ("w1" and "lab-w1" are both right), whether it exists or not. node_not_found with the nearest
// name.
Result<Member> find_member(const ClusterSpec& spec, const std::string& name);

// Those of the nodes that run.
std::vector<drivers::NodeId> running_ids(const std::vector<drivers::ObservedNode>& nodes);

// The nodes that run: all of the profile's, or none. cluster_not_running when only some of them do.
Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Cluster& cluster);
// All nodes of the profile; cluster_not_running when one of them does not run.
Result<std::vector<drivers::NodeId>> running_nodes(const Context& ctx, const Cluster& cluster);

}  // namespace skiff::cluster
