// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/nodes/folders.h"

namespace skiff::cli {
namespace {

Result<Answer> unmount(const Session& session, const std::string& profile) {
  JsonArray items;
  std::vector<std::string> names;
  for (const auto& folder : TRY(cluster::unmount_folders(session.ctx, session.home, profile))) {
    items.push_back(JsonObject{{"source", folder.from}, {"target", folder.to}});
    names.push_back(folder.to);
  }
  return Answer{.message = names.empty() ? "Nothing is mounted beside the profile's own folders"
                                         : "Unmounted " + join(names, ", "),
                .data = {{"profile", profile}, {"unmounted", std::move(items)}}};
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  if (args.has("kill")) {
    if (args.words.empty()) return unmount(session, profile);
    return make_error(ErrorId::usage, "--kill unmounts everything, and takes no folder", "Leave one of the two out");
  }
  if (args.words.empty()) {
    return make_error(ErrorId::usage, "mount needs to know which folder, and where the nodes are to have it",
                      "Write 'skiff mount SRC:DST'; 'skiff mount list' shows what is mounted");
  }
  const FolderMount folder = TRY(cluster::on_this_host(TRY(parse_folder_mount(args.words.front()))));
  Answer answer{.data = {{"profile", profile}, {"source", folder.from}, {"target", folder.to}}};
  if (args.has("detach")) {
    TRY(cluster::mount_folder(session.ctx, session.home, profile, folder));
    answer.message = "The nodes have " + folder.from + " at " + folder.to + " until 'skiff mount --kill -p " + profile +
                     "', or until they stop.";
    return answer;
  }
  TRY(cluster::hold_folder(session.ctx, session.home, profile, folder, [&] {
    session.ctx.events->note("The nodes have " + folder.from + " at " + folder.to + " until Ctrl-C");
  }));
  answer.message = folder.to + " is unmounted";
  return answer;
}

}  // namespace

Command mount_command() {
  return {
      .name = "mount",
      .group = Group::nodes,
      .summary = "Let all nodes of a running cluster see a folder of this host",
      .help =
          "The folder itself, not a copy: what either side writes, the other sees at once, and programs that wait for\n"
          "changes are told of them. Pods have it by a hostPath volume. It is unmounted with Ctrl-C; pods that use it\n"
          "keep it until they end. 'skiff start --mount-string SRC:DST' keeps one in the profile.\n"
          "Only for Docker on this host.\n\n"
          "Examples\n"
          "  skiff mount .:/mnt/src              until Ctrl-C\n"
          "  skiff mount --detach ~/data:/data   until the nodes stop, or:\n"
          "  skiff mount --kill                  unmount all that no profile has",
      .positionals = {"[SRC:DST]", 0, 1},
      .flags = {{"detach", 0, "", "return at once, and leave it mounted"},
                {"kill", 0, "", "unmount what 'skiff mount' has mounted, here or elsewhere"}},
      .run = run,
  };
}

}  // namespace skiff::cli
