// SPDX-License-Identifier: Apache-2.0
#include "cli/help/completion.h"

#include <map>
#include <set>

#include "base/strings.h"
#include "cli/line/flags.h"

namespace skiff::cli {
namespace {

std::string script_for(std::string_view shell) {
  for (const auto& script : shell_scripts()) {
    if (script.path == "skiff." + std::string(shell)) return std::string(script.content);
  }
  return {};
}

// What may follow each path of words: "" -> start, image ...; "image" -> load, ls.
std::map<std::string, std::set<std::string>> next_words(std::span<const Command> commands) {
  std::map<std::string, std::set<std::string>> next;
  for (const auto& command : commands) {
    if (command.internal()) continue;
    std::string path;
    for (const auto& word : split(command.name, ' ')) {
      next[path].insert(word);
      path += path.empty() ? word : " " + word;
    }
    next.try_emplace(path);
  }
  return next;
}

std::string flag_words(std::span<const Flag> flags) {
  std::string out;
  for (const auto& flag : flags) out += (out.empty() ? "--" : " --") + std::string(flag.name);
  return out;
}

std::string bash_script(std::span<const Command> commands) {
  std::map<std::string, std::string> flags;
  for (const auto& command : commands) flags[std::string(command.name)] = flag_words(command.flags);
  std::vector<std::string> paths;
  for (const auto& [path, next] : next_words(commands)) {
    std::vector<std::string> words(next.begin(), next.end());
    if (path == "profile") words.insert(words.begin(), "$(_skiff_profiles)");
    paths.push_back("    \"" + path + "\") words=\"" + join(words, " ") + "\" flags=\"" + flags[path] + "\" ;;");
  }
  const std::string script = replace_all(script_for("bash"), "#paths#", join(paths, "\n"));
  return replace_all(script, "#global-flags#", flag_words(global_flags()));
}

std::string quoted(std::string_view text) { return "'" + replace_all(text, "'", "\\'") + "'"; }

std::string fish_flags(std::span<const Flag> flags, const std::string& condition) {
  std::string out;
  for (const auto& flag : flags) {
    out += "complete -c skiff" + condition + " -l " + std::string(flag.name);
    if (flag.letter != 0) out += std::string(" -s ") + flag.letter;
    if (!flag.value.empty()) out += " -r";
    if (flag.name == "profile") out += " -f -a '(__skiff_profiles)'";
    if (flag.name == "output") out += " -f -a 'text json'";
    out += " -d " + quoted(flag.help) + "\n";
  }
  return out;
}

std::string fish_script(std::span<const Command> commands) {
  std::map<std::string, std::string> summaries;
  std::string lines = fish_flags(global_flags(), "");
  for (const auto& command : commands) {
    const std::string name(command.name);
    summaries[name] = command.summary;
    lines += fish_flags(command.flags, " -n '__skiff_at " + name + "'");
  }
  lines += "complete -c skiff -f -n '__skiff_at profile' -a '(__skiff_profiles)'\n";
  for (const auto& [path, words] : next_words(commands)) {
    for (const auto& word : words) {
      const std::string name = path.empty() ? word : std::string(path).append(" ").append(word);
      const std::string at = std::string(trim("__skiff_at " + path));
      lines.append("complete -c skiff -f -n '").append(at).append("' -a ").append(word);
      lines.append(" -d ").append(quoted(summaries[name])).append("\n");
    }
  }
  return replace_all(script_for("fish"), "#paths#\n", lines);
}

}  // namespace

Result<std::string> completion_script(std::span<const Command> commands, const std::string& shell) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return replace_all(script_for("zsh"), "#bash#\n", bash_script(commands));
  if (shell == "fish") return fish_script(commands);
  return make_error(ErrorId::usage, "There is no completion for '" + shell + "'", "Use bash, zsh or fish");
}

}  // namespace skiff::cli
