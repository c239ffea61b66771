// SPDX-License-Identifier: Apache-2.0
// Takes one node out of a cluster.
#pragma once

#include <string>

#include "cluster/store/home.h"

namespace skiff::cluster {

struct NodeRemoval {
  std::string profile;
  std::string node;  // "w2" or "lab-w2"
  // Its pods are evicted and waited for, so that they start elsewhere first.
  Duration patience = std::chrono::minutes(1);
  bool force = false;  // its pods and volumes just go with it
};

// Blocks until the node and its storage are gone; of a control plane, its etcd member is before that. Names and
// addresses of the others stay. What check_departure() says of a control plane; node_not_found with the nearest name;
// node_has_volumes when claims have their data on it; kube_timeout, with the node as it was, when its pods did not
// leave in time. Works on a stopped cluster too, which cannot tell of its volumes.
Result<drivers::NodeId> remove_node(const Context& ctx, const Home& home, const NodeRemoval& removal);

}  // namespace skiff::cluster
