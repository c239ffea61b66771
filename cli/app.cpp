#include "cli/app.h"

#include <iostream>

#include "base/defect.h"
#include "cli/help.h"
#include "cli/line.h"
#include "cli/run_log.h"
#include "cli/settings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/signals.h"

namespace skiff::cli {
namespace {

std::unique_ptr<Terminal> make_terminal(const GlobalFlags& flags, Screen screen) {
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

void open_log(const Session& session, const Command& command, bool verbose) {
  std::string file;
  const std::string folder = session.home.folder() + "/logs";
  if (command.logged && sys::make_folders(folder).ok()) {
    file = new_log(folder, command.name, session.profile().value_or(""));
  }
  sys::log::open(file, verbose);
}

Result<Answer> run(const Call& call, const GlobalFlags& flags, std::span<const Command> commands, const Context& ctx,
                   const Screen& screen) {
  Session session{ctx, cluster::user_home(), flags.profile, commands, screen.out, screen.err, flags.json};
  open_log(session, *call.command, flags.verbose);
  auto answer = guarded([&] { return call.command->run(session, call.args); });
  if (answer.ok()) return answer;
  sys::log::warn(describe(answer.error()));
  const std::string log = sys::log::file();
  if (answer.error().id == ErrorId::internal && answer.error().advice.empty() && !log.empty()) {
    answer.error().advice = "Please report it with the log " + log;
  }
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
    const Settings settings = TRY(load_settings(home.folder()));
    const auto chosen = settings.find("profile");
    name = chosen != settings.end() ? chosen->second : sys::env("SKIFF_PROFILE").value_or(name);
  }
  TRY(check_profile_name(name));
  return name;
}

int run_line(std::span<const Command> commands, const std::vector<std::string>& words, std::stop_token stop,
             const Screen& screen) {
  const auto line = guarded([&] { return read_line(words); });
  const auto terminal = make_terminal(line ? line->globals : GlobalFlags(), screen);
  std::string name;
  const auto answer = guarded([&]() -> Result<Answer> {
    if (!line) return line.error();
    const auto call = TRY(wanted_call(commands, *line));
    name = call.command->name;
    return run(call, line->globals, commands, {std::move(stop), Deadline::never(), terminal.get()}, screen);
  });
  return finish(*terminal, name, answer);
}

int main(int argc, char** argv) {
  const sys::Signals signals;
  return run_line(all_commands(), {argv + 1, argv + argc}, signals.token(), user_screen());
}

}  // namespace skiff::cli
