// SPDX-License-Identifier: Apache-2.0
// Child processes. Argv is a vector, never a shell string. Built on Boost.Process v2.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/context.h"

namespace skiff::sys {

struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env = {};  // added to this process's environment
  std::string cwd = {};                         // empty = this process's
  std::string input = {};                       // standard input
  bool inherits_input = false;                  // it is this process's instead
  // When set, output goes here line by line (without the newline) as well as into Output.
  std::function<void(std::string_view line)> on_line = {};
};

struct Output {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// Blocks until the child has ended. On stop or deadline its whole process group is ended (TERM, then KILL after 2 s).
// tool_not_found when argv[0] is not on PATH.
Result<Output> run(const Context& ctx, const Command& command);
// run(), with a non-zero exit as an Error of `id` that keeps argv, the code and the last lines of output.
Result<Output> run_checked(const Context& ctx, const Command& command, ErrorId id = ErrorId::host_error);

// The absolute path of a program on PATH; empty when there is none.
std::string find_program(std::string_view name);

// Replaces this process; returns only on failure.
Error exec_replace(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env);

}  // namespace skiff::sys
