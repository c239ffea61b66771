// SPDX-License-Identifier: Apache-2.0
#include "cli/help/help.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string text = TRY(help_for(session.commands, args.words));
  return Answer{.text = text, .data = {{"help", text}}};
}

}  // namespace

Command help_command() {
  return {
      .name = "help",
      .group = Group::settings,
      .summary = "Show help for a command",
      .help = "Examples\n  skiff help start\n  skiff help image",
      .positionals = {"[COMMAND]", 0, any_number},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
