// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/plan.h"

namespace skiff::cluster {

std::string_view to_string(NodeAction action) {
  switch (action) {
    case NodeAction::create:
      return "create";
    case NodeAction::start:
      return "start";
    case NodeAction::resume:
      return "resume";
    case NodeAction::upgrade:
      return "upgrade";
    default:
      return "keep";
  }
}

bool is_of_image(const ClusterSpec& spec, const drivers::ObservedNode& node) {
  return spec.node_image.empty() || node.image.empty() || node.image == spec.node_image;
}

namespace {

NodeAction action_for(const ClusterSpec& spec, const drivers::ObservedNode& node) {
  const bool of_image = is_of_image(spec, node);
  switch (node.state) {
    case drivers::NodeState::running:
      return of_image ? NodeAction::keep : NodeAction::upgrade;
    case drivers::NodeState::stopped:
      return of_image ? NodeAction::start : NodeAction::upgrade;
    case drivers::NodeState::saved:
    case drivers::NodeState::paused:
      return NodeAction::resume;
    default:
      return NodeAction::create;
  }
}

}  // namespace

std::vector<PlannedNode> make_plan(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& observed) {
  std::vector<PlannedNode> plan;
  for (const auto& node : names_of(spec)) {
    const auto* seen = drivers::find_node(observed, node.name);
    plan.push_back({node, seen == nullptr ? NodeAction::create : action_for(spec, *seen)});
  }
  return plan;
}

}  // namespace skiff::cluster
