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

std::string describe(const Error& error) {
  std::string out = "Error: " + error.what + "\n";
  for (const auto& cause : error.trail) out += "  " + replace_all(cause, "\n", "\n  ") + "\n";
  const std::string advice(advice_of(error));
  if (!advice.empty()) out += advice + "\n";
  return out + "[" + std::string(info(error.id).name) + "]\n";
}

}  // namespace skiff::cli
