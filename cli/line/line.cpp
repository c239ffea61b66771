// SPDX-License-Identifier: Apache-2.0
#include "cli/line/line.h"

#include <algorithm>

#include "base/strings.h"
#include "cli/line/flags.h"
#include "cli/line/habits.h"

namespace skiff::cli {
namespace {

const Command* find_command(std::span<const Command> commands, std::string_view name) {
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

std::string help_advice(std::string_view command) { return "See 'skiff " + std::string(command) + " --help'"; }

Error unknown_flag(std::span<const Flag> flags, const std::string& word, std::string_view command) {
  std::vector<std::string> names;
  for (const auto& flag : flags) names.push_back("--" + std::string(flag.name));
  for (const auto& flag : global_flags()) names.push_back("--" + std::string(flag.name));
  const std::string flag = word.substr(0, word.find('='));
  const std::string near = nearest(flag, names);
  return make_error(ErrorId::usage, "Unknown flag '" + flag + "' for 'skiff " + std::string(command) + "'",
                    near.empty() ? help_advice(command) : "Did you mean '" + near + "'? " + help_advice(command));
}

Result<void> check_positionals(const Command& command, const std::vector<std::string>& words) {
  const auto& [usage, least, most] = command.positionals;
  const std::string name = "'skiff " + std::string(command.name) + "'";
  const auto count = static_cast<int>(words.size());
  if (count < least) {
    return make_error(ErrorId::usage, name + " needs " + std::string(usage), help_advice(command.name));
  }
  if (count > most) {
    const auto& extra = words[static_cast<std::size_t>(most)];
    return make_error(ErrorId::usage, name + " does not take '" + extra + "'", help_advice(command.name));
  }
  return {};
}

}  // namespace

std::vector<const Command*> below(std::span<const Command> commands, std::string_view name) {
  std::vector<const Command*> found;
  for (const auto& command : commands) {
    if (command.name.starts_with(std::string(name) + " ")) found.push_back(&command);
  }
  return found;
}

Error unknown_command(std::span<const Command> commands, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (!command.internal()) names.emplace_back(command.name);
  }
  const std::string near = nearest(name, names);
  const std::string list = "'skiff --help' lists all commands";
  const auto missing = std::ranges::find(missing_commands(), full_name(name), &MissingCommand::name);
  if (missing != missing_commands().end()) {
    return make_error(ErrorId::unsupported, "skiff has no command '" + name + "'", std::string(missing->instead));
  }
  return make_error(ErrorId::usage, "Unknown command '" + name + "'",
                    near.empty() ? list : "Did you mean 'skiff " + near + "'? " + list);
}

// How much is logged is no question here: a level ("-v=5", "-v5", "-v 5", "--v=5") leaves the log as full as it is,
// while a mere -v shows it.
std::vector<std::string> without_levels(const std::vector<std::string>& words) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  std::vector<std::string> left;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool names_it = word == "-v" || word == "--v";
    if (names_it && i + 1 < words.size() && is_number(words[i + 1])) {
      ++i;
    } else if (!(word.starts_with("--v=") && is_number(word.substr(4))) &&
               !(word.starts_with("-v=") && is_number(word.substr(3))) &&
               !(word.starts_with("-v") && is_number(word.substr(2)))) {
      left.push_back(word == "--v" ? "-v" : word);
    }
  }
  return left;
}

Result<Line> read_line(const std::vector<std::string>& argv) {
  Line line;
  const auto end = std::find(argv.begin(), argv.end(), "--");
  if (end != argv.end()) line.rest.assign(end + 1, argv.end());
  std::vector<Flag> flags(global_flags().begin(), global_flags().end());
  for (const auto& habit : habit_flags("", flags)) flags.push_back(habit);
  Args args = TRY(take_flags(flags, without_levels({argv.begin(), end})));
  const std::string output = args.text("output").value_or("text");
  if (output != "text" && output != "json") {
    return make_error(ErrorId::usage, "--output must be text or json, not '" + output + "'");
  }
  const bool log_shown = args.has("verbose") || args.has("alsologtostderr") || args.has("logtostderr");
  line.globals = {args.text("profile"), output == "json",    log_shown,          args.has("quiet"),
                  args.has("help"),     args.has("version"), args.has("strict"), args.text("log_dir").value_or("")};
  line.notes = TRY(judge_habits("", args));
  line.words = std::move(args.words);
  return line;
}

Result<Call> read_call(std::span<const Command> commands, const Line& line) {
  if (line.words.empty()) return make_error(ErrorId::usage, "No command given", "'skiff --help' lists all commands");
  const std::string& first = line.words[0];
  if (is_flag(first)) {
    return make_error(ErrorId::usage, "Unknown flag '" + first + "' before the command",
                      "Write the command first: skiff COMMAND " + first);
  }
  const std::string both = line.words.size() > 1 ? first + " " + line.words[1] : first;
  const Command* command = find_command(commands, full_name(both));
  const bool two_words = command != nullptr && both != first;
  if (command == nullptr) command = find_command(commands, full_name(first));
  if (command == nullptr) {
    const auto group = below(commands, first);
    if (group.empty()) return unknown_command(commands, first);
    if (both != first && !is_flag(line.words[1])) return unknown_command(commands, both);
    std::vector<std::string> names;
    names.reserve(group.size());
    for (const auto* member : group) names.push_back("'skiff " + std::string(member->name) + "'");
    return make_error(ErrorId::usage, "'skiff " + first + "' needs a sub-command", "Try " + join(names, ", "));
  }

  std::vector<Flag> flags = command->flags;
  for (const auto& habit : habit_flags(command->name, flags)) flags.push_back(habit);
  Args args = TRY(take_flags(flags, {line.words.begin() + (two_words ? 2 : 1), line.words.end()}));
  const auto wrong = std::find_if(args.words.begin(), args.words.end(), is_flag);
  if (wrong != args.words.end()) return unknown_flag(command->flags, *wrong, command->name);
  args.words.insert(args.words.end(), line.rest.begin(), line.rest.end());
  TRY(check_positionals(*command, args.words));
  Call call{command, {}, line.notes};
  for (auto& note : TRY(judge_habits(command->name, args))) call.notes.push_back(std::move(note));
  call.args = std::move(args);
  return call;
}

}  // namespace skiff::cli
