// SPDX-License-Identifier: Apache-2.0
// Starts one node of a cluster that runs, by the steps of start.
#pragma once

#include <optional>
#include <string>

#include "cluster/nodes/plan.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

struct NodeStart {
  std::string profile;
  std::string node;                      // "w2" or "lab-w2"
  std::optional<Duration> wait_timeout;  // unset: as long as start waits
};
struct NodeStarted {
  drivers::NodeId id;
  NodeAction action = NodeAction::keep;  // what had to be done; keep: it ran
};

// Blocks until the node is Ready and cluster DNS answers on it. One that was removed by hand is made anew. Other nodes
// stay as they are, stopped ones too. Errors: node_not_found with the nearest name; cluster_not_running when it is a
// worker and the control plane does not run; node_timeout, and what start may answer: the node is then left running.
Result<NodeStarted> start_one_node(const Context& ctx, const Home& home, const NodeStart& wanted);

}  // namespace skiff::cluster
