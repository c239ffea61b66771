// SPDX-License-Identifier: Apache-2.0
#include "net/error_id.h"

#include <algorithm>

namespace skiff::net {

std::optional<ErrorId> error_id(std::string_view name) {
  const auto& all = all_errors();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ErrorInfo& each) { return each.name == name; });
  if (found == all.end()) return std::nullopt;
  return found->id;
}

}  // namespace skiff::net
