// SPDX-License-Identifier: Apache-2.0
// The flags and words that a command was given.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"

namespace skiff::cli {

struct Flag {
  std::string_view name;   // without dashes: "nodes"
  char letter = 0;         // -n; 0 = none
  std::string_view value;  // what help calls its value, "N"; empty = a switch without one
  std::string_view help;
};

struct Args {
  std::map<std::string, std::vector<std::string>, std::less<>> given;  // by flag name
  std::vector<std::string> words;                                      // positionals, and all that stands after "--"

  bool has(std::string_view flag) const;                         // a switch that is on
  std::optional<std::string> text(std::string_view flag) const;  // the last one given
  std::vector<std::string> list(std::string_view flag) const;    // "a,b" and repeated flags; empty parts left out
  // Nothing when absent; usage, with the flag's name, when the text is not of that kind.
  Result<std::optional<int>> integer(std::string_view flag) const;
  Result<std::optional<bool>> truth(std::string_view flag) const;
  Result<std::optional<Duration>> duration(std::string_view flag) const;  // "90s", "6m", "1h30m", "500ms"
};

Result<int> parse_small_int(std::string_view text, std::string_view what);
Result<double> parse_number(std::string_view text, std::string_view what);
inline constexpr Duration a_week = std::chrono::weeks(1);  // nobody waits longer
Result<Duration> parse_duration(std::string_view text, std::string_view what, Duration longest = a_week);

}  // namespace skiff::cli
