// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string& key = args.words[0];
  const std::string& value = args.words[1];
  TRY(check_setting(key, value));
  TRY(change_setting(session.ctx, session.home.folder(), key, value));
  const std::string scope = key == "profile" ? "" : " New clusters use it; those that exist keep theirs.";
  return Answer{.message = "'" + key + "' is now '" + value + "'." + scope, .data = {{"key", key}, {"value", value}}};
}

}  // namespace

Command config_set_command() {
  return {
      .name = "config set",
      .group = Group::settings,
      .summary = "Set a default for new clusters, or the current profile",
      .help =
          "'skiff config view' lists the settings.\n\n"
          "Examples\n"
          "  skiff config set nodes 3\n"
          "  skiff config set memory 2g",
      .positionals = {"KEY VALUE", 2, 2},
      .run = run,
  };
}

}  // namespace skiff::cli
