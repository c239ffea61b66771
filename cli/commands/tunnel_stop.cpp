// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/reach/agent.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  TRY(session.home.store.get(profile));
  const bool ended = TRY(cluster::end_tunnel(session.ctx, session.home, profile));
  const auto cleaned = cluster::clean_after_tunnel(session.ctx, session.home, profile, cluster::By::sudo);
  if (!cleaned.ok()) session.ctx.events->warning(cleaned.error().what);
  return Answer{.message = ended ? "The tunnel has ended" : "There was no tunnel", .data = {{"ended", ended}}};
}

}  // namespace

Command tunnel_stop_command() {
  return {
      .name = "tunnel stop",
      .group = Group::applications,
      .summary = "End the tunnel, in whichever terminal it runs",
      .help = "Example\n  skiff tunnel stop -p lab",
      .run = run,
  };
}

}  // namespace skiff::cli
