// SPDX-License-Identifier: Apache-2.0
// Finds flags among words. The one place that knows CLI11.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/line/args.h"

namespace skiff::cli {

// Takes these flags out of `words`, wherever they stand, in any usual spelling (--name value, --name=value, -n value,
// -nvalue, -abc for switches). All else is left, in order, in Args::words, unknown flags included. usage when a value
// is missing.
Result<Args> take_flags(std::span<const Flag> flags, const std::vector<std::string>& words);

// -p, -o, -v, -q, -h and --version: understood anywhere on the line.
std::span<const Flag> global_flags();

// Does it look like a flag? "-" and negative numbers do not.
bool is_flag(std::string_view word);

}  // namespace skiff::cli
