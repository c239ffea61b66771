#include "cli/command.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::stop(session.ctx, session.services, profile));
  return Answer{.message = "Cluster '" + profile + "' is stopped. 'skiff start -p " + profile + "' resumes it.",
                .data = {{"profile", profile}}};
}

}  // namespace

Command stop_command() {
  return {
      .name = "stop",
      .group = Group::cluster,
      .summary = "Stop a cluster and keep everything in it",
      .help = "Example\n  skiff stop -p lab",
      .run = run,
  };
}

}  // namespace skiff::cli
