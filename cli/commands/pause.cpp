// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::pause(session.ctx, session.home, profile));
  return Answer{.message = "Cluster '" + profile + "' is paused. 'skiff unpause -p " + profile + "' lets it go on.",
                .data = {{"profile", profile}}};
}

}  // namespace

Command pause_command() {
  return {
      .name = "pause",
      .group = Group::cluster,
      .summary = "Freeze a cluster: it keeps its memory and uses no processor",
      .help = "Example\n  skiff pause -p lab",
      .run = run,
  };
}

}  // namespace skiff::cli
