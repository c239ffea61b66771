// SPDX-License-Identifier: Apache-2.0
// A condition of other threads, waited for as a Context says.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/context.h"

namespace skiff {

// Blocks until `condition` holds, which is asked with `lock` held. Whoever changes what it asks notifies `changed`.
// Errors: interrupted and timeout, by the context.
template <class Condition>
Result<void> await(const Context& ctx, std::condition_variable_any& changed, std::unique_lock<std::mutex>& lock,
                   Condition condition) {
  while (!condition()) {
    TRY(ctx.check());
    changed.wait_for(lock, ctx.stop, ctx.deadline.left(), condition);
  }
  return {};
}

}  // namespace skiff
