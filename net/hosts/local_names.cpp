// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/local_names.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "net/hosts/hosts_text.h"

namespace skiff::net {
namespace {

constexpr std::string_view any_below = "*.";

// Whether it is that domain or below it; both in lower case.
bool belongs_to(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

bool is_local_name(std::string_view host) {
  constexpr std::array<std::string_view, 8> domains = {"test",  "example",     "localhost",   "invalid",
                                                       "local", "example.com", "example.net", "example.org"};
  const std::string name = to_lower(host);
  return std::ranges::any_of(domains, [&](std::string_view domain) { return belongs_to(name, domain); });
}

Result<void> check_host_pattern(std::string_view pattern) {
  if (pattern == "*") return {};
  return check_host_name(pattern.starts_with(any_below) ? pattern.substr(any_below.size()) : pattern);
}

bool matches_any(std::string_view host, std::span<const std::string> patterns) {
  const std::string name = to_lower(host);
  return std::ranges::any_of(patterns, [&](const std::string& each) {
    const std::string pattern = to_lower(each);
    if (pattern == "*" || pattern == name) return true;
    if (!pattern.starts_with(any_below)) return false;
    const std::string_view domain = std::string_view(pattern).substr(any_below.size());
    return name != domain && belongs_to(name, domain);
  });
}

}  // namespace skiff::net
