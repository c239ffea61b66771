#include "model/tar.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace skiff {

std::string tar_header(const TarEntry& entry) {
  std::string block(512, '\0');
  const auto text = [&](std::size_t at, std::size_t width, std::string_view value) {
    std::memcpy(&block[at], value.data(), std::min(width, value.size()));
  };
  const auto number = [&](std::size_t at, std::size_t width, unsigned long value) {
    std::array<char, 24> digits;
    std::snprintf(digits.data(), digits.size(), "%0*lo", static_cast<int>(width) - 1, value);
    text(at, width, std::string_view(digits.data(), width - 1));
  };
  // A name of more than 100 bytes is split at a slash into prefix and name.
  std::string_view name = entry.path;
  if (name.size() > 100) {
    const auto slash = name.find('/', name.size() - 101);
    text(345, 155, name.substr(0, slash));
    name.remove_prefix(slash + 1);
  }
  text(0, 100, name);
  number(100, 8, static_cast<unsigned long>(entry.mode));
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, entry.size);
  number(136, 12, 0);
  text(148, 8, "        ");
  block[156] = static_cast<char>(entry.kind);
  text(157, 100, entry.link_target);
  text(257, 8, std::string_view("ustar\00000", 8));
  text(265, 32, "root");
  text(297, 32, "root");
  unsigned long sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  number(148, 7, sum);
  block[154] = '\0';
  return block;
}

std::string tar_padding(std::size_t size) { return std::string((512 - size % 512) % 512, '\0'); }

std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace skiff
