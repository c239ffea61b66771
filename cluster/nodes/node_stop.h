// SPDX-License-Identifier: Apache-2.0
// Stops one node of a cluster; the others go on.
#pragma once

#include <string>

#include "cluster/store/home.h"

namespace skiff::cluster {

struct NodeStop {
  drivers::NodeId id;
  Role role = Role::worker;
  bool ran = false;         // it was this call that stopped it
  bool api_is_left = true;  // enough control planes run
};

// Blocks until the node `name` ("w2", "lab-w2") is shut down cleanly; stopped already or gone = success. A control
// plane may be stopped too. Without a majority of them pods on workers run on, but nobody starts others, and the API
// does not answer. Pods of a stopped worker count as lost after a while, and start elsewhere. Errors:
// profile_not_found, node_not_found with the nearest name, those of the driver.
Result<NodeStop> stop_one_node(const Context& ctx, const Home& home, const std::string& profile,
                               const std::string& name);

}  // namespace skiff::cluster
