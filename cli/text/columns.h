// SPDX-License-Identifier: Apache-2.0
// Columns of text.
#pragma once

#include <string>
#include <vector>

namespace skiff::cli {

// Each column as wide as its widest cell, two spaces between them, no blanks at line ends.
std::string to_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace skiff::cli
