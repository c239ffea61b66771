// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/shell.h"

#include "base/strings.h"

namespace skiff::cluster {

std::vector<std::string> login_command(std::span<const std::string> words) {
  if (words.empty()) return {"bash", "-l"};
  return {"bash", "-lc", join(words, " ")};
}

}  // namespace skiff::cluster
