#include "cli/flags.h"

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

// CLI11 takes "--name=" for a flag whose value is the next word; it is an empty value.
std::vector<std::string> with_empty_values_apart(std::span<const Flag> flags, const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const auto& word : words) {
    const bool empty_value = std::any_of(flags.begin(), flags.end(), [&](const Flag& flag) {
      return !flag.value.empty() && word == "--" + std::string(flag.name) + "=";
    });
    out.push_back(empty_value ? word.substr(0, word.size() - 1) : word);
    if (empty_value) out.emplace_back();
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
  std::vector<std::string> backwards = with_empty_values_apart(flags, words);
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
  static constexpr std::array<Flag, 6> flags = {{
      {"profile", 'p', "NAME", "the cluster to work on (default: skiff)"},
      {"output", 'o', "text|json", "how results are written"},
      {"verbose", 'v', "", "show the developers' log on stderr"},
      {"quiet", 'q', "", "no progress, only results and errors"},
      {"help", 'h', "", "show help for a command"},
      {"version", 0, "", "show the version of skiff"},
  }};
  return flags;
}

bool is_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0;
}

}  // namespace skiff::cli
