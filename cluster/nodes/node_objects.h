// SPDX-License-Identifier: Apache-2.0
// What the API keeps of nodes, when their number changes: Node objects, and the taints of control planes.
#pragma once

#include "cluster/store/home.h"
#include "kube/client.h"

namespace skiff::cluster {

// Removes the Node objects that are named as machines of this cluster are, but of which the spec has none: a growth
// that did not succeed leaves them. Nodes of other names are somebody else's, such as a simulator's.
Result<void> forget_other_nodes(const Context& ctx, kube::Client& client, const ClusterSpec& spec);

// Keeps pods off the control planes, or lets them come (control_plane_schedulable), once for either: taints of others
// stay, and so does what they do with ours.
Result<void> taint_control_planes(const Context& ctx, kube::Client& client, const ClusterSpec& spec);

// After a growth that failed: no Node objects of its machines, and pods where they might run `before`. As far as the
// API answers; the next start does the rest.
Result<void> forget_growth(const Context& ctx, const Home& home, const Cluster& before);

}  // namespace skiff::cluster
