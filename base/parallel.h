// The only way skiff starts threads for a bounded piece of work: all of them end before the call returns.
#pragma once

#include <functional>
#include <vector>

#include "base/context.h"

namespace skiff {

// As many tasks run at once; of more, the next begins when one has ended. Each may have a connection of its own.
inline constexpr std::size_t most_threads = 32;

// Runs every task on a thread of its own and blocks until all have ended. The first failure asks the others to stop
// (their context's stop token) and is returned; failures that only say "interrupted" never hide the real one. A task
// that throws has failed: INTERNAL. host_error when the system gives no more threads.
Result<void> parallel(const Context& ctx, const std::vector<std::function<Result<void>(const Context&)>>& tasks);

// parallel() over the elements of a range: body(ctx, element).
template <class Range, class Body>
Result<void> parallel_for(const Context& ctx, Range& range, Body body) {
  std::vector<std::function<Result<void>(const Context&)>> tasks;
  for (auto& element : range) tasks.push_back([&element, &body](const Context& c) { return body(c, element); });
  return parallel(ctx, tasks);
}

}  // namespace skiff
