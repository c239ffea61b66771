// SPDX-License-Identifier: Apache-2.0
// For calls into libraries that heed neither a stop request nor a deadline, such as all of libvirt.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/context.h"
#include "base/defect.h"

namespace skiff {

// Events that can be cut off from whoever they are for, when work that was given up may still tell something.
class DetachableEvents final : public Events {
 public:
  explicit DetachableEvents(Events* to) : to_(to) {}
  void detach() {
    const std::lock_guard lock(mutex_);
    to_ = nullptr;
  }
  void step_started(std::string_view name, std::string_view text) override {
    tell([&](Events& to) { to.step_started(name, text); });
  }
  void step_finished(std::string_view name, bool ok) override {
    tell([&](Events& to) { to.step_finished(name, ok); });
  }
  void progress(std::string_view name, std::string_view text) override {
    tell([&](Events& to) { to.progress(name, text); });
  }
  void note(std::string_view text) override {
    tell([&](Events& to) { to.note(text); });
  }
  void warning(std::string_view text) override {
    tell([&](Events& to) { to.warning(text); });
  }

 private:
  template <class Tell>
  void tell(const Tell& what) {
    const std::lock_guard lock(mutex_);
    if (to_ != nullptr) what(*to_);
  }

  std::mutex mutex_;
  Events* to_;
};

// Runs `work` on a thread of its own and returns its result. Once `ctx` says that it must end, it is given `grace` to
// end by itself; then it is left to itself and the Error of ctx.check() is returned. So `work` owns all that it uses,
// and does nothing behind a call that hangs without asking the context that it is handed.
template <class T>
Result<T> abandonable(const Context& ctx, Duration grace, std::function<Result<T>(const Context&)> work) {
  struct Shared {
    explicit Shared(Events* to) : events(to) {}
    DetachableEvents events;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<Result<T>> result;
  };
  TRY(ctx.check());
  const auto shared = std::make_shared<Shared>(ctx.events);
  try {
    std::thread([shared, work = std::move(work), stop = ctx.stop, deadline = ctx.deadline]() mutable {
      auto result = guarded([&] { return work(Context{stop, deadline, &shared->events}); });
      work = nullptr;  // what it owns goes before the result is told
      const std::lock_guard lock(shared->mutex);
      shared->result = std::move(result);
      shared->changed.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    return make_error(ErrorId::host_error, std::string("Cannot start a thread: ") + error.what());
  }

  std::unique_lock lock(shared->mutex);
  const auto ended = [&] { return shared->result.has_value(); };
  while (!ended() && !ctx.stop.stop_requested() && !ctx.deadline.passed()) {
    shared->changed.wait_for(lock, ctx.stop, ctx.deadline.left(), ended);
  }
  if (!ended()) shared->changed.wait_for(lock, grace, ended);
  if (ended()) return std::move(*shared->result);
  lock.unlock();
  shared->events.detach();
  TRY(ctx.check());
  return make_error(ErrorId::timeout, "Something that cannot be stopped took longer than its limit");
}

}  // namespace skiff
