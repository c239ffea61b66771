// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto changes = TRY(cluster::disable_addons(session.ctx, session.home, TRY(addon_request(session, args))));
  Answer answer;
  JsonArray data;
  for (const auto& change : changes) data.push_back(change_data(change));
  answer.data["addons"] = std::move(data);
  if (changes.empty()) answer.message = "There was nothing to disable.";
  return answer;
}

}  // namespace

Command addons_disable_command() {
  return {
      .name = "addons disable",
      .group = Group::applications,
      .summary = "Remove addons from the cluster with all that belongs to them",
      .help = "Values that were set stay for the next time.\n\nExample\n  skiff addons disable ingress",
      .positionals = {"ADDON...", 1, any_number},
      .flags = {{"wait-timeout", 0, "TIME", "how long the removal may take (default 2m)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
