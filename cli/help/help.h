// SPDX-License-Identifier: Apache-2.0
// The texts of --help, made from the command table.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace skiff::cli {

struct CommandGroup {
  std::string_view title;
  std::vector<const Command*> members;
};
// The commands that users see, in the order in which they are told of.
std::vector<CommandGroup> command_groups(std::span<const Command> commands);

std::string spelling_of(const Flag& flag);     // "-p, --profile NAME"; without a letter, four blanks in its place
std::string usage_of(const Command& command);  // "skiff image load [flags] IMAGE..."
std::string overview(std::span<const Command> commands);
// Of a command, or of a group of them ("image"); usage when the name is neither.
Result<std::string> help_for(std::span<const Command> commands, const std::vector<std::string>& words);

}  // namespace skiff::cli
