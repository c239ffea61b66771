// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/console_text.h"

#include <cctype>

#include "base/strings.h"

namespace skiff::drivers::libvirt {

std::string readable(std::string_view bytes, std::size_t lines) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == '\x1b') {  // a terminal's command ends with a letter
      while (at + 1 < bytes.size() && std::isalpha(static_cast<unsigned char>(bytes[at + 1])) == 0) ++at;
      ++at;
    } else if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= ' ') {
      text += c;
    }
  }
  auto all = split(trim(text), '\n');
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return all.empty() || (all.size() == 1 && all[0].empty()) ? "" : join(all, "\n") + "\n";
}

}  // namespace skiff::drivers::libvirt
