// SPDX-License-Identifier: Apache-2.0
#include "cli/line/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>

namespace skiff::cli {
namespace {

std::string spelling(const Flag& flag) {
  const std::string name = "--" + std::string(flag.name);
  return flag.letter == 0 ? name : std::string("-") + flag.letter + "," + name;
}

// Where the "=" stands that CLI11 would misread: it takes "--name=" for a flag whose value is the next word, where it
// is an empty value, and the value of "-n=1" for "=1". 0 when there is none.
std::size_t misread_sign(std::span<const Flag> flags, std::string_view word) {
  for (const auto& flag : flags) {
    if (flag.value.empty()) continue;
    if (word == "--" + std::string(flag.name) + "=") return word.size() - 1;
    if (flag.letter != 0 && word.starts_with(std::string("-") + flag.letter + "=")) return 2;
  }
  return 0;
}

std::vector<std::string> with_values_apart(std::span<const Flag> flags, const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const auto& word : words) {
    const std::size_t sign = misread_sign(flags, word);
    out.push_back(sign == 0 ? word : word.substr(0, sign));
    if (sign != 0) out.push_back(word.substr(sign + 1));
  }
  return out;
}

}  // namespace

Result<Args> take_flags(std::span<const Flag> flags, const std::vector<std::string>& words) {
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  std::vector<CLI::Option*> options;
  for (const auto& flag : flags) {
    auto* option = flag.value.empty() ? parser.add_flag(spelling(flag)) : parser.add_option(spelling(flag));
    if (!flag.value.empty()) option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.push_back(option);
  }
  std::vector<std::string> backwards = with_values_apart(flags, words);
  std::reverse(backwards.begin(), backwards.end());
  try {
    parser.parse(backwards);
  } catch (const CLI::ArgumentMismatch& wrong) {
    return make_error(ErrorId::usage, "A flag has no value: " + std::string(wrong.what()));
  } catch (const CLI::ParseError& wrong) {
    return make_error(ErrorId::usage, wrong.what());
  }
  Args args;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (options[i]->count() == 0) continue;
    const std::string name(flags[i].name);
    args.given[name] = options[i]->results();
    if (flags[i].value.empty()) TRY(args.truth(name));
  }
  args.words = parser.remaining();
  return args;
}

std::span<const Flag> global_flags() {
  static constexpr auto flags = std::to_array<Flag>({
      {"profile", 'p', "NAME", "the cluster to work on (default: skiff)"},
      {"output", 'o', "text|json", "how results are written"},
      {"verbose", 'v', "", "show the developers' log on stderr"},
      {"quiet", 'q', "", "no progress, only results and errors"},
      {"help", 'h', "", "show help for a command"},
      {"version", 0, "", "show the version of skiff"},
      {"strict", 0, "", "a flag that has no effect is an error"},
  });
  return flags;
}

bool is_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0;
}

}  // namespace skiff::cli
