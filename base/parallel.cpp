#include "base/parallel.h"

#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace skiff {

Result<void> parallel(const Context& ctx, const std::vector<std::function<Result<void>(const Context&)>>& tasks) {
  std::stop_source stop_all;
  const std::stop_callback forward(ctx.stop, [&] { stop_all.request_stop(); });
  const Context inner{stop_all.get_token(), ctx.deadline, ctx.events};

  std::mutex mutex;
  std::optional<Error> failure;
  const auto keep = [&](Error error) {
    const std::lock_guard lock(mutex);
    if (!failure || failure->id == ErrorId::interrupted) failure = std::move(error);
  };
  {
    std::vector<std::jthread> threads;
    threads.reserve(tasks.size());
    for (const auto& task : tasks) {
      threads.emplace_back([&] {
        if (auto result = task(inner); !result.ok()) {
          keep(std::move(result).error());
          stop_all.request_stop();
        }
      });
    }
  }
  if (failure) return std::move(*failure);
  return {};
}

}  // namespace skiff
