// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_stop.h"

#include <algorithm>

#include "cluster/nodes/control_planes.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cluster {

Result<NodeStop> stop_one_node(const Context& ctx, const Home& home, const std::string& profile,
                               const std::string& name) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  const auto opened = TRY(open_profile(home, profile));
  const Member member = TRY(find_member(opened.spec, name));
  NodeStop stopped{opened.node(name_of(opened.spec, member)), member.role};

  const auto nodes = TRY(opened.nodes(ctx));
  const auto node = std::ranges::find(nodes, stopped.id, &drivers::ObservedNode::id);
  using drivers::NodeState;
  stopped.ran = node != nodes.end() && (node->state == NodeState::running || node->state == NodeState::paused);
  if (!stopped.ran) return stopped;

  Step step(*ctx.events, "stop", "Stopping " + stopped.id.name);
  TRY(opened.driver->stop_node(ctx, stopped.id));
  step.done();
  auto running = running_control_planes(opened.spec, nodes);
  std::erase(running, stopped.id.name);
  stopped.api_is_left = has_majority(opened.spec, running);
  return stopped;
}

}  // namespace skiff::cluster
