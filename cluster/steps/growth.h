// What a cluster that grows needs besides new nodes.
#pragma once

#include <string>
#include <vector>

#include "cluster/start.h"

namespace skiff::cluster {

// Gives nodes that the plan creates the images of one that was there before, so that pods whose images were loaded run
// on them too. What cannot be copied is a warning.
Result<void> share_images_with_new(const Context& ctx, drivers::Driver& driver, const std::string& profile,
                                   const std::vector<PlannedNode>& plan);

// After a growth that failed: no Node objects of its machines, and pods where they might run `before`. As far as the
// API answers; the next start does the rest.
Result<void> forget_growth(const Context& ctx, const Services& services, drivers::Driver& driver,
                           const ClusterSpec& before);

}  // namespace skiff::cluster
