// SPDX-License-Identifier: Apache-2.0
// Events that keep the warnings alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/events.h"

namespace skiff::fakes {

class Warnings final : public Events {
 public:
  void step_started(std::string_view, std::string_view) override {}
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view) override {}
  void warning(std::string_view text) override { texts.emplace_back(text); }

  std::vector<std::string> texts;
};

}  // namespace skiff::fakes
