// SPDX-License-Identifier: Apache-2.0
// The only way skiff starts threads for a bounded piece of work: all of them end before the call returns.
#pragma once

#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
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

// The same with a body that answers: what it said of each element, in the range's order.
template <class Range, class Body>
auto parallel_map(const Context& ctx, Range& range, Body body)
    -> Result<std::vector<std::remove_cvref_t<decltype(*body(ctx, *std::begin(range)))>>> {
  using Answer = std::remove_cvref_t<decltype(*body(ctx, *std::begin(range)))>;
  static_assert(!std::is_same_v<Answer, bool>, "bits of one word cannot be written by several threads");
  std::vector<Answer> answers(static_cast<std::size_t>(std::distance(std::begin(range), std::end(range))));
  std::vector<std::function<Result<void>(const Context&)>> tasks;
  for (auto& element : range) {
    tasks.push_back([&body, &element, &answer = answers[tasks.size()]](const Context& c) -> Result<void> {
      answer = TRY(body(c, element));
      return {};
    });
  }
  TRY(parallel(ctx, tasks));
  return answers;
}

}  // namespace skiff
