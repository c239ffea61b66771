// What a cluster needs besides the nodes when their number changes.
#pragma once

#include <string>
#include <vector>

#include "cluster/start.h"
#include "kube/client.h"

namespace skiff::cluster {

// Removes the Node objects of machines that the spec does not have: a growth that did not succeed leaves them.
Result<void> forget_other_nodes(const Context& ctx, kube::Client& client, const ClusterSpec& spec);

// Keeps pods off the control plane, or lets them come (control_plane_schedulable), once for either: taints of others
// stay, and so does what they do with ours.
Result<void> taint_control_plane(const Context& ctx, kube::Client& client, const ClusterSpec& spec);

// Gives nodes that the plan creates the images of one that was there before, so that pods whose images were loaded run
// on them too. What cannot be copied is a warning.
Result<void> share_images_with_new(const Context& ctx, drivers::Driver& driver, const ClusterId& cluster,
                                   const std::vector<PlannedNode>& plan);

// After a growth that failed: no Node objects of its machines, and pods where they might run `before`. As far as the
// API answers; the next start does the rest.
Result<void> forget_growth(const Context& ctx, const Services& services, drivers::Driver& driver,
                           const ClusterSpec& before);

}  // namespace skiff::cluster
