// SPDX-License-Identifier: Apache-2.0
// The manual page skiff(1), made from the command table.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace skiff::cli {

// For man(1): every command that users see, with its help and flags.
std::string man_page(std::span<const Command> commands);

}  // namespace skiff::cli
