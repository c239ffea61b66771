// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/node_start.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

std::string message_of(const cluster::NodeStarted& started) {
  const bool ran = started.action == cluster::NodeAction::keep;
  return "The node " + started.id.name + (ran ? " ran already, and is ready." : " is ready.");
}

Result<Answer> run(Session& session, const Args& args) {
  cluster::NodeStart wanted{TRY(session.profile()), args.words[0], TRY(args.duration("wait-timeout"))};
  const auto started = TRY(cluster::start_one_node(session.ctx, session.home, wanted));
  return Answer{.message = message_of(started),
                .data = {{"node", started.id.name}, {"action", cluster::to_string(started.action)}}};
}

}  // namespace

Command node_start_command() {
  return {
      .name = "node start",
      .group = Group::nodes,
      .summary = "Start one node of a cluster that was stopped",
      .help =
          "Returns when the node is Ready and cluster DNS answers on it. Other nodes stay as they are; 'skiff start' "
          "starts\nall of them.\n\n"
          "Example\n  skiff node start w1 -p lab",
      .positionals = {"NODE", 1, 1},
      .flags = {{"wait-timeout", 0, "TIME", "how long to wait, such as 90s (default 6m; 30m without KVM)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
