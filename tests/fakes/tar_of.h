// SPDX-License-Identifier: Apache-2.0
// An archive of these files, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/tar.h"

namespace skiff::fakes {

using Files = std::vector<std::pair<std::string, std::string>>;  // path and content

inline std::string tar_of(const Files& files) {
  std::string archive;
  for (const auto& [path, content] : files) {
    archive += tar_header({.path = path, .size = content.size()}) + content + tar_padding(content.size());
  }
  return archive + tar_end();
}

}  // namespace skiff::fakes
