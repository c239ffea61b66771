// SPDX-License-Identifier: Apache-2.0
// What this side of a command in a node does while it runs, whatever carries it: its stdin or the user's terminal is
// fed to it, and what it writes is taken, until it has ended.
#pragma once

#include <functional>
#include <string_view>

#include "drivers/driver.h"

namespace skiff::drivers {

struct TerminalSize {
  unsigned short rows = 0;
  unsigned short columns = 0;
  bool operator==(const TerminalSize&) const = default;
};
TerminalSize size_of_terminal(int fd);  // zero when it has none

// The way to the command. Called from one thread. An Error of id network from `write` says that nobody reads any more.
struct CommandInput {
  std::function<Result<void>(const Context&, std::string_view bytes)> write;
  std::function<Result<void>(const Context&)> close;
  std::function<Result<void>(const Context&, const TerminalSize&)> resize;
  TerminalSize known = {};  // the size that the command's terminal has
};

// Runs `receive`, which returns when the command has ended, and feeds the request's stdin or terminal meanwhile; that
// ends with the command. Blocks.
Result<void> attend(const Context& ctx, const ExecRequest& request, const CommandInput& input,
                    const std::function<Result<void>(const Context&)>& receive);

}  // namespace skiff::drivers
