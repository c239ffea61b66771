// The texts of --help, made from the command table.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace skiff::cli {

std::string overview(std::span<const Command> commands);
// Of a command, or of a group of them ("image"); usage when the name is neither.
Result<std::string> help_for(std::span<const Command> commands, const std::vector<std::string>& words);

}  // namespace skiff::cli
