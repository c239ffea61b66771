// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/status.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto profiles = TRY(cluster::list_profiles(session.ctx, session.home, !args.has("light")));
  std::vector<std::vector<std::string>> rows = {
      {"PROFILE", "DRIVER", "KUBERNETES", "NODES", "STATE", "CURRENT", "OWNER"}};
  JsonArray items;
  for (const auto& profile : profiles) {
    const std::string state = profile.problem.empty() ? profile.state : profile.state + ": " + profile.problem;
    rows.push_back({profile.name, profile.driver, profile.kubernetes_version, std::to_string(profile.nodes), state,
                    profile.current ? "*" : "", profile.owner});
    items.push_back(JsonObject{{"name", profile.name},
                               {"driver", profile.driver},
                               {"kubernetes_version", profile.kubernetes_version},
                               {"nodes", profile.nodes},
                               {"state", profile.state},
                               {"current", profile.current},
                               {"owner", profile.owner},
                               {"problem", profile.problem}});
  }
  Answer answer;
  answer.data["profiles"] = std::move(items);
  if (profiles.empty()) {
    answer.message = "There is no cluster yet. 'skiff start' makes one.";
  } else {
    answer.text = to_columns(rows);
  }
  return answer;
}

}  // namespace

Command profile_list_command() {
  return {
      .name = "profile list",
      .group = Group::cluster,
      .summary = "List all clusters",
      .help =
          "CURRENT marks the one that kubectl uses. OWNER names whose a cluster is that another home made: no command "
          "of\n"
          "this home changes it, but 'skiff profile adopt NAME' gives it to this home.\n\n"
          "Example\n"
          "  skiff profile list -o json",
      .flags = {{"light", 'l', "", "ask no driver: the state is Skipped"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
