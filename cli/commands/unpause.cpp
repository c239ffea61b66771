// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::unpause(session.ctx, session.home, profile));
  return Answer{.message = "Cluster '" + profile + "' goes on.", .data = {{"profile", profile}}};
}

}  // namespace

Command unpause_command() {
  return {
      .name = "unpause",
      .group = Group::cluster,
      .summary = "Let a paused cluster go on",
      .help = "Example\n  skiff unpause -p lab",
      .run = run,
  };
}

}  // namespace skiff::cli
