// SPDX-License-Identifier: Apache-2.0
// A folder of this host that the nodes see too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff {

struct FolderMount {
  std::string from;  // absolute, on this host
  std::string to;    // absolute, in every node
  bool operator==(const FolderMount&) const = default;
};
std::string to_string(const FolderMount& mount);  // "/srv/src:/src"

// "SRC:DST", divided at the last colon. `from` is left as it is, but that it is not empty; `to` is absolute, without
// "." and "..", and no folder that the node itself lives of. usage.
Result<FolderMount> parse_folder_mount(std::string_view text);

}  // namespace skiff
