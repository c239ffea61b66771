// SPDX-License-Identifier: Apache-2.0
// What a login into a node runs.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace skiff::cluster {

// As ssh does it: the words are joined with spaces and given to a login shell, so that pipes, quotes and redirections
// in them are the node's; without words it is the shell itself. For Driver::exec(); its exit code is the command's.
std::vector<std::string> login_command(std::span<const std::string> words);

}  // namespace skiff::cluster
