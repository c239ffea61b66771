// SPDX-License-Identifier: Apache-2.0
#include "cli/help/completion.h"

#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string script = TRY(completion_script(session.commands, args.words[0]));
  return Answer{.text = script, .data = {{"script", script}}};
}

}  // namespace

Command completion_command() {
  return {
      .name = "completion",
      .group = Group::settings,
      .summary = "Print a completion script for bash, zsh or fish",
      .help =
          "Examples\n"
          "  source <(skiff completion bash)                          for this shell; put it into ~/.bashrc to keep "
          "it\n"
          "  source <(skiff completion zsh)                           the same with ~/.zshrc\n"
          "  skiff completion fish >~/.config/fish/completions/skiff.fish",
      .positionals = {"bash|zsh|fish", 1, 1},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
