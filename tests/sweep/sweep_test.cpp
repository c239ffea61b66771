// SPDX-License-Identifier: Apache-2.0
// Each verb, failed, interrupted and killed at every one of its calls.
#include "sweep.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace skiff::sweep {
namespace {

Faults operator+(Faults some, const Faults& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

Faults as_before(const State& before, const State& after) {
  return kept(before, after) + nothing_new(before, after) + nodes_as_before(before, after);
}
// A start that fails takes back what it made, unless the cluster is complete and only something beside it failed, such
// as an addon or the kubeconfig.
bool is_complete(const State& state) {
  const auto faults = usable(state);
  return std::ranges::all_of(faults, [](const auto& fault) { return fault.starts_with("the kubeconfig"); });
}
Faults as_before_or_usable(const State& before, const State& after) {
  return is_complete(after) ? kept(before, after) : as_before(before, after);
}
Faults all_kept(const State& before, const State& after) { return kept(before, after); }
Faults nothing(const State&, const State&) { return {}; }

TEST(Sweep, FirstStart) {
  sweep({.name = "first start", .verb = start_lab(2), .after_failure = as_before_or_usable, .after_kill = all_kept});
}

TEST(Sweep, Resume) {
  sweep({.name = "start after stop",
         .setup = {start_lab(2), stop_lab()},
         .verb = start_lab(),
         .after_failure = as_before_or_usable,
         .after_kill = all_kept});
}

TEST(Sweep, NothingToDo) {
  sweep({.name = "start of what runs",
         .setup = {start_lab(2)},
         .verb = start_lab(),
         .after_failure = as_before_or_usable,
         .after_kill = all_kept});
}

TEST(Sweep, Repair) {
  const auto taken_back_or_usable = [](const State& before, const State& after) {
    return kept(before, after) + (is_complete(after) ? Faults() : nothing_new(before, after, true));
  };
  sweep({.name = "start after a machine was lost",
         .setup = {start_lab(2)},
         .by_hand = [](fakes::FakeWorld& world) { world.lose_machine("lab-w1"); },
         .verb = start_lab(),
         .after_failure = taken_back_or_usable,
         .after_kill = all_kept});
}

TEST(Sweep, Growth) {
  sweep({.name = "growth from 1 to 2",
         .setup = {start_lab(1)},
         .verb = start_lab(2),
         .after_failure = as_before_or_usable,
         .after_kill = all_kept});
}

TEST(Sweep, Upgrade) {
  // What is done stays done, and a node whose machine was taken away has its storage: the next start makes it anew.
  sweep({.name = "upgrade",
         .setup = {start_lab_with("1.36", 2)},
         .verb = start_lab_with("1.37", 2),
         .after_failure = all_kept,
         .after_kill = all_kept});
}

TEST(Sweep, GrowthOfControlPlanes) {
  sweep({.name = "growth from 1 to 3 control planes",
         .setup = {start_lab(1)},
         .verb = grow_control_planes(3),
         .after_failure = as_before_or_usable,
         .after_kill = all_kept});
}

TEST(Sweep, Stop) {
  sweep(
      {.name = "stop", .setup = {start_lab(2)}, .verb = stop_lab(), .after_failure = all_kept, .after_kill = all_kept});
}

TEST(Sweep, Pause) {
  sweep({.name = "pause",
         .setup = {start_lab(2)},
         .verb = pause_lab(),
         .after_failure = all_kept,
         .after_kill = all_kept});
}

TEST(Sweep, Unpause) {
  sweep({.name = "unpause",
         .setup = {start_lab(2), pause_lab()},
         .verb = unpause_lab(),
         .after_failure = as_before,
         .after_kill = all_kept});
}

TEST(Sweep, NodeStop) {
  sweep({.name = "node stop",
         .setup = {start_lab(2)},
         .verb = stop_node("w1"),
         .after_failure = as_before,
         .after_kill = all_kept});
}

TEST(Sweep, NodeStart) {
  sweep({.name = "node start",
         .setup = {start_lab(2), stop_node("w1")},
         .verb = start_node("w1"),
         .after_failure = as_before,
         .after_kill = all_kept});
}

TEST(Sweep, NodeStartAfterItsMachineWasLost) {
  const auto taken_back = [](const State& before, const State& after) {
    return kept(before, after) + nothing_new(before, after, true) + nodes_as_before(before, after);
  };
  sweep({.name = "node start after its machine was lost",
         .setup = {start_lab(2)},
         .by_hand = [](fakes::FakeWorld& world) { world.lose_machine("lab-w1"); },
         .verb = start_node("w1"),
         .after_failure = taken_back,
         .after_kill = all_kept});
}

bool has_machine(const State& state, const std::string& name) {
  for (const auto& machine : state.machines()) {
    if (text_at(machine, "name") == name) return true;
  }
  return false;
}

TEST(Sweep, NodeDelete) {
  sweep({.name = "node delete",
         .setup = {start_lab(2)},
         .verb = delete_node("w1"),
         .after_failure =
             [](const State& before, const State& after) {
               // Before its machine is removed all is taken back, afterwards it is gone.
               return has_machine(after, "lab-w1") ? as_before(before, after) : kept(before, after, "lab-w1");
             },
         .after_kill = [](const State& before, const State& after) { return kept(before, after, "lab-w1"); }});
}

TEST(Sweep, ControlPlaneDelete) {
  sweep({.name = "node delete of the first control plane",
         .setup = {grow_control_planes(3)},
         .verb = delete_node("cp1"),
         .after_failure =
             [](const State& before, const State& after) {
               return has_machine(after, "lab-cp1") ? as_before(before, after) : kept(before, after, "lab-cp1");
             },
         .after_kill = [](const State& before, const State& after) { return kept(before, after, "lab-cp1"); }});
}

TEST(Sweep, Delete) {
  sweep({.name = "delete",
         .setup = {start_lab(2)},
         .verb = delete_lab(),
         .after_failure = nothing,
         .after_kill = nothing});
}

}  // namespace
}  // namespace skiff::sweep
