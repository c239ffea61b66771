// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_stop.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

std::string message_of(const cluster::NodeStop& stopped) {
  const std::string& name = stopped.id.name;
  if (!stopped.ran) return "The node " + name + " was stopped already.";
  return "Stopped the node " + name + ". 'skiff node start " + name + " -p " + stopped.id.cluster.name +
         "' starts it again.";
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  const auto stopped = TRY(cluster::stop_one_node(session.ctx, session.home, profile, args.words[0]));
  if (stopped.ran && stopped.role == Role::control_plane && !stopped.api_is_left) {
    session.ctx.events->warning(
        "Without a majority of its control planes the cluster has no API: pods on workers run on, but none is "
        "started or moved until they are back");
  }
  return Answer{.message = message_of(stopped), .data = {{"node", stopped.id.name}, {"ran", stopped.ran}}};
}

}  // namespace

Command node_stop_command() {
  return {
      .name = "node stop",
      .group = Group::nodes,
      .summary = "Stop one node of a cluster; the others go on",
      .help =
          "Kubernetes takes its pods for lost after some minutes and starts others elsewhere; those of the node are "
          "back\n"
          "with it. A control plane can be stopped too: the API is away meanwhile, unless most of several run.\n\n"
          "Example\n  skiff node stop w1 -p lab",
      .positionals = {"NODE", 1, 1},
      .run = run,
  };
}

}  // namespace skiff::cli
