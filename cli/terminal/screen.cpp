// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "base/strings.h"
#include "cli/terminal/terminal.h"
#include "cli/terminal/tty.h"
#include "sys/env.h"

namespace skiff::cli {
namespace {

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const auto value = sys::env(name)) {
      const std::string lower = to_lower(*value);
      return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
    }
  }
  return false;
}

}  // namespace

Screen user_screen() {
  constexpr int stderr_fd = 2;
  const bool capable = is_terminal(stderr_fd) && sys::env("TERM").value_or("dumb") != "dumb";
  return {std::cout, std::cerr, capable, capable && !sys::env("NO_COLOR"), locale_is_utf8()};
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == '\r' && next == '\n') continue;
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F: a terminal may obey these too
      out += '^';
      out += static_cast<char>(next - 0x40);
      ++i;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
      out += '^';
      out += static_cast<char>(byte ^ 0x40);
    } else {
      out += static_cast<char>(byte);
    }
  }
  return out;
}

std::string describe(const Error& error) {
  std::string out = "Error: " + error.what + "\n";
  for (const auto& cause : error.trail) out += "  " + replace_all(cause, "\n", "\n  ") + "\n";
  const std::string advice(advice_of(error));
  if (!advice.empty()) out += advice + "\n";
  return printable(out) + "[" + std::string(info(error.id).name) + "]\n";
}

}  // namespace skiff::cli
