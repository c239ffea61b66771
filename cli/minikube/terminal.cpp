// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/terminal.h"

#include <mutex>
#include <ostream>

#include "base/strings.h"
#include "cli/minikube/answers.h"
#include "cli/minikube/reasons.h"
#include "cli/terminal/cloud_event.h"

namespace skiff::cli::minikube {
namespace {

class TextTerminal final : public Terminal {
 public:
  TextTerminal(Speech speech, const Screen& screen) : speech_(std::move(speech)), screen_(screen) {}

  void step_started(std::string_view, std::string_view text) override { say(screen_.out, "* ", text); }
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view text) override { say(screen_.err, "! ", text); }
  void warning(std::string_view text) override { say(screen_.err, "! ", text); }

  int answer(std::string_view command, const Answer& answer) override {
    const std::lock_guard lock(mutex_);
    const Said said = say_answer(command, answer, speech_);
    screen_.out << printable(said.out) << std::flush;
    screen_.err << printable(said.err) << std::flush;
    return said.exit_code;
  }

  int error(std::string_view command, const Error& error) override {
    const std::lock_guard lock(mutex_);
    const Said said = say_error(command, error, speech_);
    screen_.out << said.out << std::flush;
    screen_.err << said.err << std::flush;
    return said.exit_code;
  }

 private:
  void say(std::ostream& stream, std::string_view mark, std::string_view text) {
    const std::lock_guard lock(mutex_);
    stream << mark << printable(in_its_words(text)) << "\n" << std::flush;
  }

  Speech speech_;
  Screen screen_;
  std::mutex mutex_;
};

class JsonTerminal final : public Terminal {
 public:
  JsonTerminal(Speech speech, const Screen& screen) : speech_(std::move(speech)), screen_(screen) {}

  void step_started(std::string_view name, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    const int current = steps_++;
    write("step", {{"currentstep", std::to_string(current)},
                   {"message", in_its_words(text)},
                   {"name", name},
                   {"totalsteps", std::to_string(std::max(steps_, usual_steps))}});
  }
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view text) override { say("info", text); }
  void warning(std::string_view text) override { say("warning", text); }

  int answer(std::string_view command, const Answer& answer) override {
    const std::lock_guard lock(mutex_);
    const Said said = say_answer(command, answer, speech_);
    if (is_value(command)) {
      screen_.out << said.out << "\n" << std::flush;
    } else if (!said.out.empty()) {
      const std::string_view message = trim(said.out);
      write("info", {{"message", message.starts_with("* ") ? message.substr(2) : message}});
    }
    return said.exit_code;
  }

  int error(std::string_view, const Error& error) override {
    const std::lock_guard lock(mutex_);
    const Reason reason = reason_of(error.id);
    write("error", {{"advice", in_its_words(advice_of(error))},
                    {"exitcode", std::to_string(reason.exit_code)},
                    {"issues", ""},
                    {"message", message_of(error)},
                    {"name", reason.name},
                    {"url", ""}});
    return reason.exit_code;
  }

 private:
  // How many steps a first start has; programs draw a bar by it.
  static constexpr int usual_steps = 12;

  void say(std::string_view kind, std::string_view text) {
    const std::lock_guard lock(mutex_);
    write(kind, {{"message", in_its_words(text)}});
  }

  void write(std::string_view kind, JsonObject data) {
    const JsonObject event =
        cloud_event("https://minikube.sigs.k8s.io/", "io.k8s.sigs.minikube." + std::string(kind), std::move(data));
    screen_.out << to_text(event) << "\n" << std::flush;
  }

  Speech speech_;
  Screen screen_;
  std::mutex mutex_;
  int steps_ = 0;
};

}  // namespace

std::unique_ptr<Terminal> terminal(const Speech& speech, const Screen& screen) {
  if (speech.json) return std::make_unique<JsonTerminal>(speech, screen);
  return std::make_unique<TextTerminal>(speech, screen);
}

}  // namespace skiff::cli::minikube
