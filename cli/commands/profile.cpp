// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  if (args.words.empty()) {
    const std::string profile = TRY(session.profile());
    return Answer{.text = profile + "\n", .data = {{"profile", profile}}};
  }
  const std::string& name = args.words[0];
  const bool exists = TRY(session.home.store.find(name)).has_value();
  TRY(change_setting(session.ctx, session.home.folder(), "profile", name));
  Answer answer{.message = "Commands now work on '" + name + "'.", .data = {{"profile", name}, {"exists", exists}}};
  if (!exists) {
    answer.message +=
        " There is no such cluster yet" + did_you_mean(name, session.home.store.names()) + "; 'skiff start' makes it.";
  }
  return answer;
}

}  // namespace

Command profile_command() {
  return {
      .name = "profile",
      .group = Group::cluster,
      .summary = "Show or choose the cluster that commands work on",
      .help =
          "Examples\n"
          "  skiff profile          which cluster is it?\n"
          "  skiff profile lab      work on 'lab' from now on",
      .positionals = {"[NAME]", 0, 1},
      .run = run,
  };
}

}  // namespace skiff::cli
