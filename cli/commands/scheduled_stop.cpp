// SPDX-License-Identifier: Apache-2.0
#include "cluster/scheduled_stop.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto delay = TRY(args.duration("delay"));
  if (!delay) return make_error(ErrorId::usage, "--delay is missing");
  TRY(cluster::run_scheduled_stop(session.ctx, session.home, TRY(session.profile()), *delay,
                                  {args.has("keep-memory"), args.has("keep-context-active")}));
  return Answer{};
}

}  // namespace

Command scheduled_stop_command() {
  return {
      .name = "__scheduled-stop",
      .summary = "Stop a cluster later (skiff starts this by itself)",
      .flags = {{"delay", 0, "TIME", "how long to wait"},
                {"keep-memory", 0, "", "as in stop"},
                {"keep-context-active", 0, "", "as in stop"}},
      .run = run,
  };
}

}  // namespace skiff::cli
