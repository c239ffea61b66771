// SPDX-License-Identifier: Apache-2.0
#include "cli/help/help.h"

#include <algorithm>

#include "cli/line/flags.h"
#include "cli/line/line.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

std::string flag_table(std::span<const Flag> flags) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& flag : flags) rows.push_back({"  " + spelling_of(flag), std::string(flag.help)});
  return to_columns(rows);
}

std::string command_table(const std::vector<const Command*>& commands) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(commands.size());
  for (const auto* command : commands)
    rows.push_back({"  " + std::string(command->name), std::string(command->summary)});
  return to_columns(rows);
}

}  // namespace

std::string spelling_of(const Flag& flag) {
  std::string out = flag.letter == 0 ? "    " : std::string("-") + flag.letter + ", ";
  out += "--" + std::string(flag.name);
  if (!flag.value.empty()) out += " " + std::string(flag.value);
  return out;
}

std::string usage_of(const Command& command) {
  std::string out = "skiff " + std::string(command.name);
  if (!command.flags.empty()) out += " [flags]";
  if (!command.positionals.usage.empty()) out += " " + std::string(command.positionals.usage);
  return out;
}

std::string_view title_of(Group group) {
  switch (group) {
    case Group::cluster:
      return "Clusters";
    case Group::nodes:
      return "Inside a cluster";
    case Group::images:
      return "Images";
    case Group::applications:
      return "Applications";
    default:
      return "Skiff itself";
  }
}

std::vector<CommandGroup> command_groups(std::span<const Command> commands) {
  std::vector<CommandGroup> groups;
  for (const auto group : {Group::cluster, Group::nodes, Group::images, Group::applications, Group::settings}) {
    CommandGroup out{title_of(group), {}};
    for (const auto& command : commands) {
      if (command.group == group && !command.internal()) out.members.push_back(&command);
    }
    if (!out.members.empty()) groups.push_back(std::move(out));
  }
  return groups;
}

std::string overview(std::span<const Command> commands) {
  std::string out = "skiff runs local Kubernetes clusters.\n\nUsage: skiff COMMAND [flags]\n";
  for (const auto& group : command_groups(commands)) {
    out += "\n" + std::string(group.title) + "\n" + command_table(group.members);
  }
  out += "\nFlags of every command\n" + flag_table(global_flags());
  return out + "\n'skiff COMMAND --help' shows a command's own flags and examples.\n";
}

Result<std::string> help_for(std::span<const Command> commands, const std::vector<std::string>& words) {
  // The longest beginning of the words that names something: flags and arguments may follow it.
  std::string name;
  std::string longest;
  for (const auto& word : words) {
    if (is_flag(word)) break;
    name += name.empty() ? word : " " + word;
    const auto is_known = [&](const Command& c) { return c.name == name || c.name.starts_with(name + " "); };
    if (std::any_of(commands.begin(), commands.end(), is_known)) longest = name;
  }
  if (longest.empty()) {
    return words.empty() || is_flag(words[0]) ? Result<std::string>(overview(commands))
                                              : unknown_command(commands, words[0]);
  }

  std::string out;
  for (const auto& command : commands) {
    if (command.name != longest) continue;
    out += std::string(command.summary) + ".\n\nUsage: " + usage_of(command) + "\n";
    if (!command.help.empty()) out += "\n" + std::string(command.help) + "\n";
    if (!command.flags.empty()) out += "\nFlags\n" + flag_table(command.flags);
  }
  const auto group = below(commands, longest);
  if (!group.empty()) out += (out.empty() ? "" : "\n") + ("Commands\n" + command_table(group));
  return out + "\nFlags of every command\n" + flag_table(global_flags());
}

}  // namespace skiff::cli
