// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/nodes/folders.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  std::vector<std::vector<std::string>> rows = {{"SOURCE", "TARGET", "BY", "NODES"}};
  JsonArray items;
  for (const auto& [folder, life, nodes] : TRY(cluster::mounted_folders(session.ctx, opened))) {
    rows.push_back({folder.from, folder.to, std::string(to_string(life)), join(nodes, ",")});
    items.push_back(JsonObject{{"source", folder.from},
                               {"target", folder.to},
                               {"by", to_string(life)},
                               {"nodes", JsonArray(nodes.begin(), nodes.end())}});
  }
  Answer answer{.data = {{"mounts", std::move(items)}}};
  if (rows.size() > 1) {
    answer.text = to_columns(rows);
  } else {
    answer.message = "No folder of this host is mounted";
  }
  return answer;
}

}  // namespace

Command mount_list_command() {
  return {
      .name = "mount list",
      .group = Group::nodes,
      .summary = "List the folders of this host that nodes see",
      .help =
          "BY says how long: 'profile' whenever the nodes run, 'command' as long as a 'skiff mount' runs, 'detached'\n"
          "until the nodes stop.\n\n"
          "Example\n  skiff mount list -o json",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
