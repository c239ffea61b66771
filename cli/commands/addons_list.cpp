// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/addons/addons.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  std::vector<std::vector<std::string>> rows = {{"ADDON", "STATUS", "MAINTAINER", "SUMMARY"}};
  JsonArray items;
  for (const auto& [entry, enabled] : TRY(cluster::list_addons(session.home, profile))) {
    const std::string status = enabled ? "enabled" : "disabled";
    if (!entry.addon.ok()) {
      rows.push_back({entry.name, status, "", "damaged: " + entry.addon.error().what});
      items.push_back(JsonObject{{"name", entry.name}, {"enabled", enabled}, {"problem", entry.addon.error().what}});
      continue;
    }
    const addons::Addon& addon = *entry.addon;
    rows.push_back({addon.name, status, addon.maintainer, addon.summary});
    items.push_back(JsonObject{{"name", addon.name},
                               {"enabled", enabled},
                               {"maintainer", addon.maintainer},
                               {"summary", addon.summary},
                               {"aliases", JsonArray(addon.aliases.begin(), addon.aliases.end())},
                               {"built_in", addon.folder.built_in},
                               {"problem", ""}});
  }
  return Answer{.text = to_columns(rows), .data = {{"profile", profile}, {"addons", std::move(items)}}};
}

}  // namespace

Command addons_list_command() {
  return {
      .name = "addons list",
      .group = Group::applications,
      .summary = "List addons and whether they are enabled",
      .help =
          "Without a cluster: those that a new one has.\n"
          "Folders below <skiff home>/addons/ with an addon.yaml are addons of your own.\n\n"
          "Example\n  skiff addons list -o json",
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
