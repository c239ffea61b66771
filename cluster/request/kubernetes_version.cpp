// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/kubernetes_version.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

// 1.37.2; a part that is not said is -1.
using Numbers = std::array<int, 3>;

std::optional<Numbers> numbers_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  Numbers numbers = {-1, -1, -1};
  const auto parts = split(text, '.');
  if (parts.empty() || parts.size() > numbers.size()) return {};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = parse_int(parts[i], "");
    if (!number.ok() || *number < 0 || *number > 999) return {};
    numbers[i] = static_cast<int>(*number);
  }
  return numbers;
}

bool means(const Numbers& wanted, const Numbers& version) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] >= 0 && wanted[i] != version[i]) return false;
  }
  return true;
}

// By minor versions first.
int distance(const Numbers& a, const Numbers& b) {
  return std::abs(a[0] - b[0]) * 1000000 + std::abs(std::max(a[1], 0) - b[1]) * 1000 +
         std::abs(std::max(a[2], 0) - b[2]);
}

}  // namespace

Result<std::string> choose_version(const std::string& text, const std::vector<std::string>& available) {
  if (text == "stable" || text == "latest") return available.front();
  const auto wanted = numbers_of(text);
  if (!wanted) {
    return make_error(ErrorId::usage, "'" + text + "' is no version of Kubernetes",
                      "Give one like " + available.front() + ", 1.36 or latest; there are " + join(available, ", "));
  }
  for (const auto& version : available) {
    if (means(*wanted, numbers_of(version).value_or(Numbers()))) return version;
  }
  const auto near = std::ranges::min_element(available, {}, [&](const std::string& version) {
    return distance(*wanted, numbers_of(version).value_or(Numbers()));
  });
  return make_error(ErrorId::unsupported,
                    "This skiff has no recipe for Kubernetes " + (text.starts_with('v') ? text : "v" + text),
                    "The nearest is --kubernetes-version=" + *near + "; there are " + join(available, ", "));
}

Result<void> check_upgrade(const std::string& from, const std::string& to) {
  const auto before = numbers_of(from);
  const auto after = numbers_of(to);
  if (!before || !after || before == after) return {};
  if (*after < *before) {
    return make_error(ErrorId::unsupported, "The cluster runs Kubernetes " + from + " and cannot go back to " + to,
                      "Make another cluster with it ('-p NAME'), or delete this one first");
  }
  if ((*after)[0] == (*before)[0] && (*after)[1] <= (*before)[1] + 1) return {};
  return make_error(ErrorId::unsupported,
                    "Kubernetes goes from one minor version to the next: from " + from + " not to " + to + " at once",
                    "Take the versions between one after the other, first --kubernetes-version=" +
                        std::to_string((*before)[0]) + "." + std::to_string((*before)[1] + 1));
}

}  // namespace skiff::cluster
