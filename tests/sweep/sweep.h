// SPDX-License-Identifier: Apache-2.0
// One scenario, disturbed at every call of its verb in every way.
#pragma once

#include <string>

#include "promise.h"

namespace skiff::sweep {

struct Scenario {
  std::string name;
  std::vector<Verb> setup = {};
  std::function<void(fakes::FakeWorld&)> by_hand = {};  // then; may be empty
  Verb verb;
  // What must be true, beside others_untouched(), after a run that failed or was interrupted, and after one that was
  // killed.
  std::function<Faults(const State& before, const State& after)> after_failure;
  std::function<Faults(const State& before, const State& after)> after_kill;
};

// Reports as gtest failures; prints the number of points and runs.
void sweep(const Scenario& scenario);

// The verbs, of the profile 'lab'.
Verb start_lab(int nodes = 0);
Verb start_lab_with(const std::string& kubernetes, int nodes);
Verb grow_control_planes(int count);
Verb stop_lab();
Verb pause_lab();
Verb unpause_lab();
Verb stop_node(const std::string& node);
Verb start_node(const std::string& node);
Verb delete_node(const std::string& node);
Verb delete_lab();

}  // namespace skiff::sweep
