// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>

#include "base/defect.h"

namespace skiff {

Result<void> parallel(const Context& ctx, const std::vector<std::function<Result<void>(const Context&)>>& tasks) {
  std::stop_source stop_all;
  const std::stop_callback forward(ctx.stop, [&] { stop_all.request_stop(); });
  const Context inner{stop_all.get_token(), ctx.deadline, ctx.events};

  std::mutex mutex;
  std::optional<Error> failure;
  const auto fail = [&](Error error) {
    {
      const std::lock_guard lock(mutex);
      if (!failure || failure->id == ErrorId::interrupted) failure = std::move(error);
    }
    stop_all.request_stop();
  };
  const auto failed = [&] {
    const std::lock_guard lock(mutex);
    return failure.has_value();
  };

  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t mine = next++; mine < tasks.size() && !failed(); mine = next++) {
      if (auto result = guarded([&] { return tasks[mine](inner); }); !result.ok()) fail(std::move(result).error());
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.reserve(std::min(tasks.size(), most_threads));
    try {
      while (threads.size() < std::min(tasks.size(), most_threads)) threads.emplace_back(work);
    } catch (const std::system_error& e) {
      // Tasks may wait for one another, as the two directions of a stream do: fewer threads would not do.
      fail(make_error(ErrorId::host_error, std::string("Cannot start a thread: ") + e.what(),
                      "Look at the limits of this user's processes and memory ('ulimit -u -v')"));
    }
  }
  if (failure) return std::move(*failure);
  return {};
}

}  // namespace skiff
