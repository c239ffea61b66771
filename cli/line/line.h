// SPDX-License-Identifier: Apache-2.0
// The command line, read: which command, and what it was given. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace skiff::cli {

struct GlobalFlags {
  std::optional<std::string> profile;
  bool json = false;
  bool verbose = false;
  bool quiet = false;
  bool help = false;
  bool version = false;
  bool strict = false;     // a flag without effect is an error
  std::string log_folder;  // --log_dir; empty = below the home
};

struct Line {
  GlobalFlags globals;
  std::vector<std::string> words;  // the line without global flags, up to "--"
  std::vector<std::string> rest;   // after "--"
  std::vector<std::string> notes;  // see Call
};
Result<Line> read_line(const std::vector<std::string>& argv);

struct Call {
  const Command* command = nullptr;
  Args args;
  std::vector<std::string> notes;  // of flags that have no effect (cli/line/habits.h)
};
// The command of a line with its flags and positionals checked; usage, with the nearest name, when something is
// unknown; unsupported for what minikube has and skiff has not.
Result<Call> read_call(std::span<const Command> commands, const Line& line);

// The error for a name that is no command, with the nearest one as advice.
Error unknown_command(std::span<const Command> commands, const std::string& name);
// The commands below a name ("profile" -> "profile list").
std::vector<const Command*> below(std::span<const Command> commands, std::string_view name);

}  // namespace skiff::cli
