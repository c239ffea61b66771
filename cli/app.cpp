#include "cli/app.h"

#include <filesystem>
#include <iostream>

#include "base/strings.h"
#include "cli/help.h"
#include "cli/line.h"
#include "cli/settings.h"
#include "cli/terminal/terminal.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/signals.h"

namespace skiff::cli {
namespace {

std::unique_ptr<Terminal> make_terminal(const GlobalFlags& flags) {
  Screen screen = user_screen();
  screen.animated = screen.animated && !flags.verbose;  // the log and a spinner would fight for the line
  if (flags.json) return json_terminal(screen);
  return flags.quiet ? quiet_terminal(screen) : text_terminal(screen);
}

// What the line asks for once --help and --version are taken as the commands they stand for.
Result<Call> wanted_call(std::span<const Command> commands, Line line) {
  if (line.globals.help || (line.words.empty() && !line.globals.version)) {
    line.rest = std::move(line.words);
    line.words = {"help"};
  } else if (line.globals.version) {
    line.words = {"version"};
  }
  return read_call(commands, line);
}

void open_log(const std::string& home, const Command& command, bool verbose) {
  std::string file;
  if (command.logged && sys::make_folders(home + "/logs").ok()) {
    file = home + "/logs/" + replace_all(command.name, " ", "-") + ".log";
    std::error_code ignored;
    std::filesystem::remove(file, ignored);  // the last run is enough
  }
  sys::log::open(file, verbose);
}

Result<Answer> run(const Call& call, const GlobalFlags& flags, std::span<const Command> commands, const Context& ctx) {
  const std::string home = sys::skiff_home();
  open_log(home, *call.command, flags.verbose);
  Session session{ctx, cluster::user_services(), home, flags.profile, commands, std::cout, std::cerr, flags.json};
  auto answer = call.command->run(session, call.args);
  if (!answer) sys::log::warn(describe(answer.error()));
  return answer;
}

int finish(Terminal& terminal, std::string_view command, const Result<Answer>& answer) {
  if (answer) {
    terminal.answer(command, *answer);
    return answer->exit_code;
  }
  terminal.error(command, answer.error());
  return info(answer.error().id).exit_code;
}

}  // namespace

Result<std::string> Session::profile() const {
  std::string name = "skiff";
  if (given_profile) {
    name = *given_profile;
  } else {
    const Settings settings = TRY(load_settings(home));
    const auto chosen = settings.find("profile");
    name = chosen != settings.end() ? chosen->second : sys::env("SKIFF_PROFILE").value_or(name);
  }
  TRY(check_profile_name(name));
  return name;
}

int main(int argc, char** argv) {
  const sys::Signals signals;
  const auto commands = all_commands();
  const auto line = read_line({argv + 1, argv + argc});
  const auto terminal = make_terminal(line ? line->globals : GlobalFlags());
  if (!line) return finish(*terminal, "", line.error());
  const auto call = wanted_call(commands, *line);
  if (!call) return finish(*terminal, "", call.error());
  const Context ctx{signals.token(), Deadline::never(), terminal.get()};
  return finish(*terminal, call->command->name, run(*call, line->globals, commands, ctx));
}

}  // namespace skiff::cli
