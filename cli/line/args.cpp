// SPDX-License-Identifier: Apache-2.0
#include "cli/line/args.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/strings.h"

namespace skiff::cli {
namespace {

std::string dashed(std::string_view flag) { return "--" + std::string(flag); }

Error not_a_duration(std::string_view text, std::string_view what) {
  return make_error(ErrorId::usage,
                    std::string(what) + " must be a time like 90s or 6m, not '" + std::string(text) + "'");
}

}  // namespace

bool Args::has(std::string_view flag) const {
  const auto value = truth(flag);
  return value && value->value_or(false);
}

std::optional<std::string> Args::text(std::string_view flag) const {
  const auto found = given.find(flag);
  if (found == given.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Args::list(std::string_view flag) const {
  std::vector<std::string> parts;
  const auto found = given.find(flag);
  if (found == given.end()) return parts;
  for (const auto& value : found->second) {
    for (const auto& part : split(value, ',')) {
      if (!trim(part).empty()) parts.emplace_back(trim(part));
    }
  }
  return parts;
}

Result<std::optional<int>> Args::integer(std::string_view flag) const {
  const auto value = text(flag);
  if (!value) return std::optional<int>();
  return std::optional<int>(TRY(parse_small_int(*value, dashed(flag))));
}

Result<std::optional<bool>> Args::truth(std::string_view flag) const {
  const auto value = text(flag);
  if (!value) return std::optional<bool>();
  if (*value == "true" || *value == "yes") return std::optional<bool>(true);
  if (*value == "false" || *value == "no") return std::optional<bool>(false);
  return make_error(ErrorId::usage, dashed(flag) + " must be true or false, not '" + *value + "'");
}

Result<std::optional<Duration>> Args::duration(std::string_view flag) const {
  const auto value = text(flag);
  if (!value) return std::optional<Duration>();
  return std::optional<Duration>(TRY(parse_duration(*value, dashed(flag))));
}

Result<int> parse_small_int(std::string_view text, std::string_view what) {
  const auto value = TRY(parse_int(text, what));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return make_error(ErrorId::usage, std::string(what) + " is out of range: " + std::string(text));
  }
  return static_cast<int>(value);
}

Result<double> parse_number(std::string_view text, std::string_view what) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return make_error(ErrorId::usage, std::string(what) + " must be a number, not '" + std::string(text) + "'");
  }
  return value;
}

Result<Duration> parse_duration(std::string_view text, std::string_view what, Duration most) {
  const long long longest = most.count();
  long long total = 0;
  std::string_view rest = text;
  do {
    long long number = 0;
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (status != std::errc{} || number < 0 || number > longest) return not_a_duration(text, what);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto unit = rest.substr(0, rest.find_first_of("0123456789"));
    rest.remove_prefix(unit.size());
    if (unit == "ms") {
      total += number;
    } else if (unit == "s") {
      total += number * 1000;
    } else if (unit == "m") {
      total += number * 60'000;
    } else if (unit == "h") {
      total += number * 3'600'000;
    } else {
      return not_a_duration(text, what);
    }
  } while (!rest.empty());
  if (total == 0 || total > longest) return not_a_duration(text, what);
  return Duration(total);
}

}  // namespace skiff::cli
