// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/terminal/terminal.h"

namespace skiff::cli {
namespace {

class QuietTerminal final : public Terminal {
 public:
  explicit QuietTerminal(const Screen& screen) : screen_(screen) {}

  void step_started(std::string_view, std::string_view) override {}
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view) override {}
  void warning(std::string_view) override {}
  int answer(std::string_view, const Answer& answer) override {
    screen_.out << printable(answer.text) << std::flush;
    return answer.exit_code;
  }
  int error(std::string_view, const Error& error) override {
    screen_.err << describe(error) << std::flush;
    return info(error.id).exit_code;
  }

 private:
  Screen screen_;
};

}  // namespace

std::unique_ptr<Terminal> quiet_terminal(const Screen& screen) { return std::make_unique<QuietTerminal>(screen); }

}  // namespace skiff::cli
