// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/agent.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  TRY(cluster::run_agent(session.ctx, session.home, TRY(session.profile())));
  return Answer{};
}

}  // namespace

Command agent_command() {
  return {
      .name = "__agent",
      .summary = "Hold a profile's forwards (skiff starts this by itself)",
      .logged = false,
      .run = run,
  };
}

}  // namespace skiff::cli
