// SPDX-License-Identifier: Apache-2.0
#include "images/cpio.h"

#include <array>
#include <cstdio>

namespace skiff::images {
namespace {

void pad(std::string& text) { text.append((4 - text.size() % 4) % 4, '\0'); }

}  // namespace

std::string cpio_entry(std::string_view path, std::string_view content, unsigned mode) {
  std::string entry = "070701";
  // Inode, mode, owner, group, links, time, size, four device numbers, length of the name with its zero, checksum.
  const std::array<std::size_t, 13> fields = {0, mode, 0, 0, 1, 0, content.size(), 0, 0, 0, 0, path.size() + 1, 0};
  for (const std::size_t field : fields) {
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(field));
    entry += digits.data();
  }
  entry.append(path).push_back('\0');
  pad(entry);
  entry += content;
  pad(entry);
  return entry;
}

std::string cpio_end() { return cpio_entry("TRAILER!!!", "", 0); }

}  // namespace skiff::images
