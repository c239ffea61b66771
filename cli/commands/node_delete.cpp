// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/nodes/node_removal.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  cluster::NodeRemoval removal{TRY(session.profile()), args.words[0]};
  removal.patience = TRY(args.duration("wait-timeout")).value_or(removal.patience);
  removal.force = args.has("force");
  const auto id = TRY(cluster::remove_node(session.ctx, session.home, removal));
  return Answer{.message = "Deleted the node " + id.name + ".", .data = {{"deleted", id.name}}};
}

}  // namespace

Command node_delete_command() {
  return {
      .name = "node delete",
      .group = Group::nodes,
      .summary = "Take a node out of a cluster",
      .help =
          "Its pods start elsewhere first. A control plane can leave as long as the others that run are the "
          "majority.\n\n"
          "Examples\n"
          "  skiff node delete w2 -p lab\n"
          "  skiff node delete cp1 -p lab",
      .positionals = {"NODE", 1, 1},
      .flags = {{"force", 0, "", "its pods and the volumes on it just go with it"},
                {"wait-timeout", 0, "TIME", "how long its pods may take to move (default 1m)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
