// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/line.h"

#include <algorithm>
#include <cctype>

#include "base/strings.h"
#include "cli/line/flags.h"
#include "cli/line/line.h"

namespace skiff::cli::minikube {
namespace {

using Words = std::vector<std::string>;

bool has_flag(const Words& words, const Flag& flag) {
  const std::string name = "--" + std::string(flag.name);
  return std::ranges::any_of(words, [&](const std::string& word) {
    return word == name || word.starts_with(name + "=") ||
           (flag.letter != 0 && word.size() > 1 && word[0] == '-' && word[1] == flag.letter);
  });
}

void add_unless_given(Words& words, const Flag& flag, const std::string& value) {
  if (!has_flag(words, flag)) words.push_back("--" + std::string(flag.name) + "=" + value);
}

// MINIKUBE_DISK_SIZE for --disk-size.
std::string variable_of(std::string_view flag) {
  std::string name = "MINIKUBE_" + replace_all(flag, "-", "_");
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name;
}

void add_from_environment(Words& words, std::span<const Flag> flags, const Environment& environment) {
  for (const auto& flag : flags) {
    if (const auto value = environment(variable_of(flag.name))) add_unless_given(words, flag, *value);
  }
}

// A profile's name is part of its nodes' names, which Kubernetes has in small letters alone. Whoever gives capitals
// means the same cluster each time; kubectl finds it under the name as it was given.
Result<void> fold_profile(Words& words, const std::string& command) {
  const Flag profile{"profile", 'p', "NAME", ""};
  const Args given = TRY(take_flags({&profile, 1}, words));
  const auto name = given.text("profile");
  if (!name || to_lower(*name) == *name) return {};
  words = given.words;
  words.push_back("--profile=" + to_lower(*name));
  if (command == "start") add_unless_given(words, {"context-name", 0, "NAME", ""}, *name);
  return {};
}

Result<std::string> one_of(const Args& args, std::string_view flag, const Words& known) {
  const auto given = args.text(flag);
  if (!given || std::ranges::find(known, *given) != known.end()) return given.value_or(known.front());
  return make_error(ErrorId::usage,
                    "--" + std::string(flag) + " must be one of " + join(known, ", ") + ", not '" + *given + "'");
}

}  // namespace

Result<Translated> translate_line(std::span<const Command> commands, Words words, const Environment& environment) {
  Translated out;
  const auto end = std::ranges::find(words, "--");
  const Words rest(end, words.end());
  words.erase(end, words.end());

  const Flag output{"output", 'o', "FORMAT", ""};
  const Args formats = TRY(take_flags({&output, 1}, words));
  words = formats.words;
  if (const auto format = formats.text("output")) {
    out.shape.yaml = *format == "yaml";
    const bool is_text = out.shape.yaml || *format == "table" || *format == "list" || *format == "short";
    words.push_back("--output=" + (is_text ? "text" : *format));
  }
  const Line line = TRY(read_line(words));
  const std::string command = line.words.empty() ? "" : line.words.front();
  if (command == "status") {
    const Flag layout{"layout", 'l', "LAYOUT", ""};
    const Args layouts = TRY(take_flags({&layout, 1}, words));
    out.shape.status_layout = TRY(one_of(layouts, "layout", {"nodes", "cluster"}));
    words = layouts.words;
  }
  out.shape.components = command == "version" && has_flag(words, {"components", 0, "", ""});
  add_from_environment(words, std::vector<Flag>{{"profile", 'p', "NAME", ""}}, environment);
  TRY(fold_profile(words, command));
  if (const auto start = std::ranges::find(commands, command, &Command::name); command == "start") {
    add_from_environment(words, start->flags, environment);
    words.emplace_back("--node-names=numbers");
    add_unless_given(words, {"schedule-on-control-plane", 0, "true", ""}, "true");
  }
  words.insert(words.end(), rest.begin(), rest.end());
  out.words = std::move(words);
  return out;
}

}  // namespace skiff::cli::minikube
