// SPDX-License-Identifier: Apache-2.0
#include "base/context.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace skiff {

Duration Deadline::left() const {
  if (is_never()) return std::chrono::hours(24);
  const auto left = std::chrono::ceil<Duration>(at - std::chrono::steady_clock::now());
  return std::max(left, Duration::zero());
}

Result<void> Context::check(ErrorId id) const {
  if (stop.stop_requested()) return make_error(ErrorId::interrupted, "Interrupted");
  if (deadline.passed()) return make_error(id, "The time limit was reached");
  return {};
}

Result<void> Context::pause(Duration duration, ErrorId id) const {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::min(duration, deadline.left()), [] { return false; });
  return check(id);
}

}  // namespace skiff
