// What is to be done about each node of a cluster.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/driver.h"
#include "model/cluster_spec.h"

namespace skiff::cluster {

enum class NodeAction { create, start, resume, keep };  // resume: with the memory that it had, saved or paused
std::string_view to_string(NodeAction action);
struct PlannedNode {
  NodeName node;
  NodeAction action = NodeAction::create;
};
// Pure: the wanted nodes against those that exist.
std::vector<PlannedNode> make_plan(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& observed);

}  // namespace skiff::cluster
