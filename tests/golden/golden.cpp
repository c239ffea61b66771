// SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/strings.h"

namespace skiff::test {
namespace {

// Lines of `want` that are gone with '-', new ones with '+', by the longest common subsequence.
std::string difference(const std::string& want, const std::string& got) {
  const auto a = split(want, '\n');
  const auto b = split(got, '\n');
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string text;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i, ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      text += std::to_string(i + 1) + " -" + a[i] + "\n";
      ++i;
    } else {
      text += std::to_string(j + 1) + " +" + b[j] + "\n";
      ++j;
    }
  }
  return text;
}

}  // namespace

testing::AssertionResult matches_golden(const std::string& text, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(SKIFF_SOURCE_DIR) / "tests/golden/files" / name;
  if (std::getenv("SKIFF_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return testing::AssertionSuccess();
  }
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  if (content.str() == text) return testing::AssertionSuccess();
  return testing::AssertionFailure() << path << " differs:\n" << difference(content.str(), text);
}

}  // namespace skiff::test
