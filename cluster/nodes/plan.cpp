#include "cluster/nodes/plan.h"

#include <algorithm>

namespace skiff::cluster {

std::string_view to_string(NodeAction action) {
  switch (action) {
    case NodeAction::create:
      return "create";
    case NodeAction::start:
      return "start";
    case NodeAction::resume:
      return "resume";
    default:
      return "keep";
  }
}

std::vector<PlannedNode> make_plan(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& observed) {
  std::vector<PlannedNode> plan;
  for (const auto& node : names_of(spec)) {
    const auto seen =
        std::find_if(observed.begin(), observed.end(), [&](const auto& o) { return o.id.name == node.name; });
    const NodeAction action = seen == observed.end()                       ? NodeAction::create
                              : seen->state == drivers::NodeState::running ? NodeAction::keep
                              : seen->state == drivers::NodeState::saved   ? NodeAction::resume
                              : seen->state == drivers::NodeState::paused  ? NodeAction::resume
                              : seen->state == drivers::NodeState::broken  ? NodeAction::create
                                                                           : NodeAction::start;
    plan.push_back({node, action});
  }
  return plan;
}

}  // namespace skiff::cluster
