// SPDX-License-Identifier: Apache-2.0
// What long work tells its user while it runs. Nothing below cli/ prints: it emits events, and cli/terminal renders
// them as text with a spinner, as JSON lines, or not at all. Implementations must be safe to call from any thread.
#pragma once

#include <string>
#include <string_view>

namespace skiff {

class Events {
 public:
  virtual ~Events() = default;
  // A step has a name that is stable (it appears in `-o json` and in the benchmark's table) and a text for people.
  virtual void step_started(std::string_view name, std::string_view text) = 0;
  virtual void step_finished(std::string_view name, bool ok) = 0;
  virtual void progress(std::string_view name, std::string_view text) = 0;  // replaces the step's text for a while
  virtual void note(std::string_view text) = 0;
  virtual void warning(std::string_view text) = 0;
};

// Swallows everything.
class NoEvents final : public Events {
 public:
  void step_started(std::string_view, std::string_view) override {}
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view) override {}
  void warning(std::string_view) override {}
};

// Emits started at once and finished(false) on destruction unless done() was called before.
class Step {
 public:
  Step(Events& events, std::string name, std::string_view text) : events_(events), name_(std::move(name)) {
    events_.step_started(name_, text);
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() {
    if (!finished_) events_.step_finished(name_, false);
  }
  void done() {
    events_.step_finished(name_, true);
    finished_ = true;
  }

 private:
  Events& events_;
  std::string name_;
  bool finished_ = false;
};

}  // namespace skiff
