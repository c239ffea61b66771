// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <iostream>

#include "base/defect.h"
#include "cli/help/help.h"
#include "cli/line/line.h"
#include "cli/record/audit.h"
#include "cli/record/logged_events.h"
#include "cli/record/run_log.h"
#include "cli/settings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/signals.h"

namespace skiff::cli {
namespace {

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

void open_log(const Session& session, const Command& command, const GlobalFlags& flags) {
  std::string file;
  const std::string folder = flags.log_folder.empty() ? session.home.folder() + "/logs" : flags.log_folder;
  if (command.logged && sys::make_folders(folder).ok()) {
    file = new_log(folder, command.name, session.profile().value_or(""));
  }
  sys::log::open(file, flags.verbose);
}

// What has no effect is said before anything is done.
Result<void> tell_notes(const Call& call, bool strict, Events& events) {
  for (const auto& note : call.notes) {
    if (strict) return make_error(ErrorId::usage, note, "Leave it out, or leave --strict out");
    events.note(note);
  }
  return {};
}

Result<Answer> run(const Call& call, const GlobalFlags& flags, Face& face, Session& session) {
  open_log(session, *call.command, flags);
  TRY(tell_notes(call, flags.strict, *session.ctx.events));
  auto answer = guarded([&] { return call.command->run(session, call.args); });
  if (answer.ok()) {
    face.settle(session, *call.command);
    return answer;
  }
  sys::log::warn(describe(answer.error()));
  const std::string log = sys::log::file();
  if (answer.error().id == ErrorId::internal && answer.error().advice.empty() && !log.empty()) {
    answer.error().advice = "Please report it with the log " + log;
  }
  return answer;
}

}  // namespace

Result<std::string> Session::profile() const {
  const Settings settings = given_profile ? Settings() : TRY(load_settings(home.folder()));
  const std::string name = chosen_profile(given_profile, settings, default_profile);
  TRY(check_profile_name(name));
  return name;
}

int run_line(std::span<const Command> commands, const std::vector<std::string>& words, std::stop_token stop,
             const Screen& screen, Face& face) {
  const auto line = guarded([&]() -> Result<Line> { return read_line(TRY(face.translate(commands, words))); });
  const auto terminal = face.terminal(line ? line->globals : GlobalFlags(), screen);
  LoggedEvents events(*terminal);
  const Context ctx{std::move(stop), Deadline::never(), &events};
  std::string name;
  std::optional<AuditRecord> audit;
  const auto answer = guarded([&]() -> Result<Answer> {
    if (!line) return line.error();
    const auto call = TRY(wanted_call(commands, *line));
    name = call.command->name;
    Session session{ctx,        cluster::user_home(), line->globals.profile, face.default_profile(), commands,
                    screen.out, screen.err,           line->globals.json};
    if (is_audited(*call.command, call.args.words)) audit.emplace(session, *call.command, words);
    return run(call, line->globals, face, session);
  });
  const int exit_code = answer ? terminal->answer(name, *answer) : terminal->error(name, answer.error());
  if (audit) audit->end(ctx, exit_code);
  return exit_code;
}

int main(int argc, char** argv) {
  const sys::Signals signals;
  const auto face = face_of(argc > 0 ? argv[0] : "skiff");
  return run_line(all_commands(), {argv + 1, argv + argc}, signals.token(), user_screen(), *face);
}

}  // namespace skiff::cli
