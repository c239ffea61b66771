// SPDX-License-Identifier: Apache-2.0
#include "model/tar.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <optional>

namespace skiff {
namespace {

constexpr std::size_t name_width = 100;
constexpr std::size_t prefix_width = 155;
constexpr std::uint64_t largest = 077777777777;  // eleven octal digits

struct Name {
  std::string_view prefix;
  std::string_view name;
};

// A name of more than 100 bytes is split at a slash into prefix and name; nothing when no slash allows that.
std::optional<Name> split_name(std::string_view path) {
  if (path.size() <= name_width) return Name{{}, path};
  const auto slash = path.find('/', path.size() - name_width - 1);
  if (slash == std::string_view::npos || slash > prefix_width || slash + 1 == path.size()) return std::nullopt;
  return Name{path.substr(0, slash), path.substr(slash + 1)};
}

// "LENGTH key=value\n", where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + std::to_string(rest).size();
  length = rest + std::to_string(length).size();
  return std::to_string(length).append(" ").append(key).append("=").append(value).append("\n");
}

std::string block_of(const Name& split, char kind, int mode, std::uint64_t size, std::string_view link_target) {
  std::string block(512, '\0');
  const auto text = [&](std::size_t at, std::size_t width, std::string_view value) { value.copy(&block[at], width); };
  const auto number = [&](std::size_t at, std::size_t width, std::uint64_t value) {
    std::array<char, 24> digits;
    std::snprintf(digits.data(), digits.size(), "%0*llo", static_cast<int>(width) - 1,
                  static_cast<unsigned long long>(value));
    text(at, width, std::string_view(digits.data(), width - 1));
  };
  text(0, name_width, split.name);
  text(345, prefix_width, split.prefix);
  number(100, 8, static_cast<std::uint64_t>(mode));
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, size);
  number(136, 12, 0);
  text(148, 8, "        ");
  block[156] = kind;
  text(157, name_width, link_target);
  text(257, 8, std::string_view("ustar\00000", 8));
  text(265, 32, "root");
  text(297, 32, "root");
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  number(148, 7, sum);
  block[154] = '\0';
  return block;
}

}  // namespace

std::string tar_header(const TarEntry& entry) {
  const auto split = split_name(entry.path);
  std::string records;
  if (!split) records += pax_record("path", entry.path);
  if (entry.link_target.size() > name_width) records += pax_record("linkpath", entry.link_target);
  if (entry.size > largest) records += pax_record("size", std::to_string(entry.size));
  std::string header;
  if (!records.empty()) {
    header = block_of({{}, "PaxHeaders/entry"}, 'x', 0644, records.size(), {}) + records + tar_padding(records.size());
  }
  const std::string_view path = entry.path;
  return header + block_of(split.value_or(Name{{}, path.substr(0, name_width)}), static_cast<char>(entry.kind),
                           entry.mode, entry.size > largest ? 0 : entry.size, entry.link_target);
}

std::string tar_padding(std::uint64_t size) { return std::string((512 - size % 512) % 512, '\0'); }

std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace skiff
