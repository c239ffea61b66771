// SPDX-License-Identifier: Apache-2.0
// A home, a kubeconfig and a world on which verbs run, each in a process of its own: it can be ended at any call, as by
// kill -9, and what it has done until then is there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cluster/store/home.h"
#include "tests/fakes/fake_world.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::sweep {

enum class Way { fail, lose, interrupt, kill };
std::string_view to_string(Way way);

// At one call, counted among those of the same name: "driver ensure_node lab-w1", "PATCH /api/v1/nodes/lab-w1" or
// "rename kubeconfig", see FakeWorld::gate and FileGate.
struct Point {
  std::string call;
  int number = 1;
  auto operator<=>(const Point&) const = default;
};
std::string to_string(const Point& point);

struct Disturbance {
  Point point;
  Way way = Way::fail;
};

struct Outcome {
  bool ok = false;
  bool killed = false;   // by the disturbance
  bool reached = false;  // the point of the disturbance
  std::string error;     // "NAME: what happened", or how the process ended
  std::vector<std::string> warnings;
  std::vector<Point> calls;
};

using Verb = std::function<Result<void>(const Context&, const cluster::Home&)>;

// What lies in the world, in the home and in the kubeconfig.
struct State {
  std::string world;                         // FakeWorld::to_text()
  std::map<std::string, std::string> files;  // by path below the folder of TemporaryHome

  Json json() const { return parse_json(world).value(); }
  JsonArray machines() const { return json().at("machines").as_array(); }
};

class Stage {
 public:
  Stage();
  ~Stage();
  // Blocks until the verb has ended.
  Outcome run(const Verb& verb, const std::optional<Disturbance>& disturbance = {});
  // A change by hand.
  void change(const std::function<void(fakes::FakeWorld&)>& change);

  State state() const;
  void restore(const State& state);
  const fakes::TemporaryHome& home() const { return temporary_; }

 private:
  void run_here(const Verb& verb, const std::optional<Disturbance>& disturbance);

  fakes::TemporaryHome temporary_;
  fakes::FakeWorld world_;  // holds the ports; its machines are those of the children
  std::string world_text_;
};

}  // namespace skiff::sweep
