// SPDX-License-Identifier: Apache-2.0
// Takes back what a failed command made. Steps run in reverse order on destruction, unless dismiss() was called, with a
// context of their own: the command's may be stopped already.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/defect.h"

namespace skiff::cluster {

class Undo {
 public:
  explicit Undo(Events& events) : events_(events) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    const Context ctx{{}, Deadline::in(std::chrono::minutes(2)), &events_};
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      if (auto result = guarded([&] { return (*step)(ctx); }); !result.ok())
        events_.warning("Could not clean up: " + result.error().what);
    }
  }
  // From any thread.
  void add(std::function<Result<void>(const Context&)> step) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(std::move(step));
  }
  void dismiss() { steps_.clear(); }

 private:
  Events& events_;
  std::mutex mutex_;
  std::vector<std::function<Result<void>(const Context&)>> steps_;
};

}  // namespace skiff::cluster
