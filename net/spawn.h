// SPDX-License-Identifier: Apache-2.0
// Programs that are given descriptors of ours, as children or as processes that outlive us. (For children that only
// read text and write text there is sys::run.)
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::net {

struct Program {
  std::vector<std::string> argv;           // argv[0] is looked up on PATH
  std::map<std::string, std::string> env;  // added to this process's environment
  int in = -1;                             // its standard streams; -1 = /dev/null
  int out = -1;
  int err = -1;
};

// A child in our process group: it may ask on our terminal. Errors: tool_not_found, host_error.
Result<pid_t> spawn_child(const Program& program);
// Blocks until the child has ended; its exit code, or 128 and the signal that ended it.
int wait_for_child(pid_t child);

// A process of its own session, working in "/", that outlives us: no terminal, no zombie, no signal meant for us.
// Blocks until it is running the program.
Result<void> spawn_detached(const Program& program);

}  // namespace skiff::net
