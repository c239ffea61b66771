// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string& key = args.words[0];
  TRY(find_setting(key));
  TRY(change_setting(session.ctx, session.home.folder(), key, std::nullopt));
  return Answer{.message = "'" + key + "' is not set any more.", .data = {{"key", key}, {"value", nullptr}}};
}

}  // namespace

Command config_unset_command() {
  return {
      .name = "config unset",
      .group = Group::settings,
      .summary = "Remove a setting",
      .help = "Example\n  skiff config unset nodes",
      .positionals = {"KEY", 1, 1},
      .run = run,
  };
}

}  // namespace skiff::cli
