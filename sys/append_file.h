// SPDX-License-Identifier: Apache-2.0
// Files that grow by lines, which several processes write.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::sys {

// Adds a line, with its newline, in one write at the end of the file, which is made (0600) when it is missing. A line
// that somebody could only write half of is closed first. The size of the file afterwards. Errors: those of files.h.
Result<long long> append_line(const std::string& path, std::string_view line);

// In the place of what is at `to`.
Result<void> move_file(const std::string& from, const std::string& to);

}  // namespace skiff::sys
