// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string& key = args.words[0];
  TRY(find_setting(key));
  const auto settings = TRY(load_settings(session.home.folder()));
  const auto found = settings.find(key);
  if (found == settings.end()) {
    return Answer{.message = "'" + key + "' is not set.", .data = {{"key", key}, {"value", nullptr}}};
  }
  return Answer{.text = found->second + "\n", .data = {{"key", key}, {"value", found->second}}};
}

}  // namespace

Command config_get_command() {
  return {
      .name = "config get",
      .group = Group::settings,
      .summary = "Print one setting",
      .help = "Example\n  skiff config get nodes",
      .positionals = {"KEY", 1, 1},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
