#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  if (args.words.empty()) {
    const std::string profile = TRY(session.profile());
    return Answer{.text = profile + "\n", .data = {{"profile", profile}}};
  }
  const auto spec = TRY(session.home.store.get(args.words[0]));
  TRY(change_setting(session.ctx, session.home.folder(), "profile", spec.profile));
  return Answer{.message = "Commands now work on '" + spec.profile + "'.", .data = {{"profile", spec.profile}}};
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
