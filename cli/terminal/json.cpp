// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <ostream>
#include <vector>

#include "cli/terminal/cloud_event.h"
#include "cli/terminal/terminal.h"

namespace skiff::cli {
namespace {

class JsonTerminal final : public Terminal {
 public:
  explicit JsonTerminal(const Screen& screen) : screen_(screen) {}

  void step_started(std::string_view name, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    steps_.push_back({std::string(name), now()});
    write("step.started", {{"step", name}, {"text", text}});
  }

  void step_finished(std::string_view name, bool ok) override {
    const std::lock_guard lock(mutex_);
    const auto step =
        std::find_if(steps_.rbegin(), steps_.rend(), [&](const auto& s) { return s.open && s.name == name; });
    if (step == steps_.rend()) return;
    step->open = false;
    step->ok = ok;
    step->took_ms = now() - step->started_ms;
    write("step.finished", {{"step", name}, {"ok", ok}, {"took_ms", step->took_ms}});
  }

  void progress(std::string_view name, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    write("step.progress", {{"step", name}, {"text", text}});
  }

  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    write("note", {{"text", text}});
  }

  void warning(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    write("warning", {{"text", text}});
  }

  int answer(std::string_view command, const Answer& answer) override {
    const std::lock_guard lock(mutex_);
    JsonObject line = {{"command", command}, {"exit_code", answer.exit_code}};
    for (const auto& [key, value] : answer.data) line[key] = value;
    if (!steps_.empty()) line["steps"] = steps();
    write("result", line);
    return answer.exit_code;
  }

  int error(std::string_view command, const Error& error) override {
    const std::lock_guard lock(mutex_);
    const auto& about = info(error.id);
    JsonObject line = {{"command", command}, {"exit_code", about.exit_code}};
    line["error"] = JsonObject{{"id", about.name},
                               {"what", error.what},
                               {"causes", JsonArray(error.trail.begin(), error.trail.end())},
                               {"advice", advice_of(error)}};
    if (!steps_.empty()) line["steps"] = steps();
    write("error", line);
    screen_.err << describe(error) << std::flush;
    return about.exit_code;
  }

 private:
  struct StepTime {
    std::string name;
    long long started_ms = 0;
    long long took_ms = 0;
    bool open = true;
    bool ok = false;
  };

  long long now() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin_).count();
  }

  JsonArray steps() const {
    JsonArray out;
    for (const auto& step : steps_) {
      out.push_back(
          JsonObject{{"step", step.name}, {"started_ms", step.started_ms}, {"took_ms", step.took_ms}, {"ok", step.ok}});
    }
    return out;
  }

  void write(std::string_view event, const JsonObject& fields) {
    JsonObject data = {{"ms", now()}};
    for (const auto& [key, value] : fields) data[key] = value;
    screen_.out << to_text(cloud_event("skiff", "dev.skiff." + std::string(event), std::move(data))) << "\n"
                << std::flush;
  }

  Screen screen_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::vector<StepTime> steps_;
};

}  // namespace

std::unique_ptr<Terminal> json_terminal(const Screen& screen) { return std::make_unique<JsonTerminal>(screen); }

}  // namespace skiff::cli
