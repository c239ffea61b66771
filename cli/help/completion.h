// SPDX-License-Identifier: Apache-2.0
// Shell completion: the scripts of shells/, embedded in the binary, filled in from the command table.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace skiff::cli {

struct ShellScript {
  std::string_view path;  // "skiff.bash"
  std::string_view content;
  bool executable;
};
std::span<const ShellScript> shell_scripts();

// A script for "bash", "zsh" or "fish"; usage for another shell. Profile names are read from the disk when completing.
Result<std::string> completion_script(std::span<const Command> commands, const std::string& shell);

}  // namespace skiff::cli
