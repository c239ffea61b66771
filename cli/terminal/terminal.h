// SPDX-License-Identifier: Apache-2.0
// How a command speaks: as text for people, as JSON lines for programs, or only when it must. Data goes to `out`
// (stdout), talk to `err` (stderr). Safe to call from any thread.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "base/events.h"
#include "cli/command.h"

namespace skiff::cli {

class Terminal : public Events {
 public:
  // Called once, at the end: one of the two. Both give the program's exit code.
  virtual int answer(std::string_view command, const Answer& answer) = 0;
  virtual int error(std::string_view command, const Error& error) = 0;
};

struct Screen {
  std::ostream& out;
  std::ostream& err;
  bool animated = false;  // err is a terminal that understands cursor movement: show a spinner
  bool coloured = false;
  bool unicode = false;
};
// What this process's stderr can do; NO_COLOR and TERM=dumb are honoured.
Screen user_screen();

// A list of steps with a tick and the time each took; a spinner only where it can be animated.
std::unique_ptr<Terminal> text_terminal(const Screen& screen);
// One CloudEvent per line on stdout, the result or the error last. Errors are told to people on
// stderr as well. The lines are described in docs/output.md.
std::unique_ptr<Terminal> json_terminal(const Screen& screen);
// Only results and errors.
std::unique_ptr<Terminal> quiet_terminal(const Screen& screen);

// What others wrote (the API, a pod, a file's name) cannot steer the terminal: control characters but line ends and
// tabs become visible, "^[" for an escape.
std::string printable(std::string_view text);

// "Error: what", causes, advice, "[ID]"; printable.
std::string describe(const Error& error);

}  // namespace skiff::cli
