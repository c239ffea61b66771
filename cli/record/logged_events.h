// SPDX-License-Identifier: Apache-2.0
// Puts what the user is told into the developers' log too, with its times.
#pragma once

#include <string>

#include "base/events.h"
#include "sys/log.h"

namespace skiff::cli {

class LoggedEvents final : public Events {
 public:
  explicit LoggedEvents(Events& user) : user_(user) {}

  void step_started(std::string_view name, std::string_view text) override {
    sys::log::info(std::string(name) + ": " + std::string(text));
    user_.step_started(name, text);
  }
  void step_finished(std::string_view name, bool ok) override {
    sys::log::info(std::string(name) + (ok ? ": done" : ": failed"));
    user_.step_finished(name, ok);
  }
  void progress(std::string_view name, std::string_view text) override { user_.progress(name, text); }
  void note(std::string_view text) override {
    sys::log::info(text);
    user_.note(text);
  }
  void warning(std::string_view text) override {
    sys::log::warn(text);
    user_.warning(text);
  }

 private:
  Events& user_;
};

}  // namespace skiff::cli
