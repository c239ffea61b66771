#include "cluster/start/restart.h"

#include "base/parallel.h"
#include "cluster/reach/agent.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;

Result<void> stop_all(const Context& ctx, drivers::Driver& driver, const ClusterId& cluster) {
  const auto nodes = TRY(driver.nodes(ctx, cluster));
  return parallel_for(
      ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) { return driver.stop_node(c, node.id); });
}

}  // namespace

bool restarts_nodes(const std::optional<ClusterSpec>& saved, const ClusterSpec& spec) {
  return saved && needs_restart(saved->kubernetes, spec.kubernetes);
}

Result<std::vector<drivers::ObservedNode>> stopped_nodes(std::vector<drivers::ObservedNode> seen) {
  for (auto& node : seen) {
    if (node.state == NodeState::saved || node.state == NodeState::paused) {
      return make_error(ErrorId::unsupported,
                        "The node " + node.id.name + " sleeps, and would go on with the old settings",
                        "Wake it with 'skiff start' or 'skiff unpause', then start with the new settings");
    }
    if (node.state == NodeState::running) node.state = NodeState::stopped;
  }
  return seen;
}

Result<void> stop_for_settings(const Context& ctx, const Home& home, drivers::Driver& driver, const ClusterSpec& spec,
                               Undo& undo) {
  Step step(*ctx.events, "restart", "Stopping the nodes, for their new settings");
  undo.add([&driver, id = identity_of(spec)](const Context& c) { return stop_all(c, driver, id); });
  TRY(park_agent(ctx, home, spec.profile));
  TRY(stop_all(ctx, driver, identity_of(spec)));
  step.done();
  return {};
}

}  // namespace skiff::cluster
