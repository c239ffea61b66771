// SPDX-License-Identifier: Apache-2.0
// What is to be done about each node of a cluster.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/driver.h"
#include "model/cluster_spec.h"

namespace skiff::cluster {

// resume: with the memory that it had, saved or paused; upgrade: made anew from the wanted image, around what it has.
enum class NodeAction { create, start, resume, upgrade, keep };
std::string_view to_string(NodeAction action);
struct PlannedNode {
  NodeName node;
  NodeAction action = NodeAction::create;
};
// Whether the node is made from the image that is wanted. One that the provider cannot tell counts as such.
bool is_of_image(const ClusterSpec& spec, const drivers::ObservedNode& node);
// Pure: the wanted nodes against those that exist.
std::vector<PlannedNode> make_plan(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& observed);

}  // namespace skiff::cluster
