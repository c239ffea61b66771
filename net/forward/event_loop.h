// SPDX-License-Identifier: Apache-2.0
// One thread that waits for descriptors and timers (epoll) and calls back. Everything a Forwarder does happens on it,
// so that nothing there needs a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/context.h"
#include "sys/unique_fd.h"

namespace skiff::net {

class EventLoop {
 public:
  class Watcher {
   public:
    virtual void ready(int fd, unsigned events) = 0;  // EPOLLIN, EPOLLOUT, ...

   protected:
    ~Watcher() = default;
  };

  static Result<std::unique_ptr<EventLoop>> start();
  ~EventLoop();  // ends the thread; work still queued is dropped
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // From any thread. post() queues work for the loop's thread; call() runs it there and blocks for its value.
  void post(std::function<void()> work);
  template <class Work>
  auto call(Work work) -> decltype(work()) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto value = task.get_future();
    post([&task] { task(); });
    return value.get();
  }

  // From the loop's thread only. Only the first call for a descriptor may add it; unwatch() before closing it. What was
  // reported of a descriptor before unwatch() never reaches whoever watches a later one of the same number.
  Result<void> watch(int fd, unsigned events, Watcher& watcher);
  void unwatch(int fd);

  using Timer = std::pair<std::chrono::steady_clock::time_point, unsigned long>;
  Timer after(Duration delay, std::function<void()> action);
  void cancel(const Timer& timer);  // one that has fired or was never set is no matter

  // Keeps an object until the present callback has returned: how a watcher lets itself be destroyed.
  void destroy_later(std::shared_ptr<void> object);

 private:
  EventLoop(sys::UniqueFd epoll, sys::UniqueFd wake);
  void run(const std::stop_token& stop);
  void run_posted();
  void run_due_timers();
  int milliseconds_to_next_timer() const;

  // Events come in batches, and a callback may close a descriptor of which a later event of its batch tells, and open
  // another one that gets the same number. So each event carries also which watch() it belongs to.
  struct Watch {
    Watcher* watcher;
    std::uint32_t serial;
  };

  sys::UniqueFd epoll_;
  sys::UniqueFd wake_;
  std::unordered_map<int, Watch> watches_;
  std::uint32_t last_serial_ = 0;
  std::map<Timer, std::function<void()>> timers_;
  unsigned long timers_made_ = 0;
  std::vector<std::shared_ptr<void>> dying_;
  std::mutex mutex_;  // guards posted_
  std::vector<std::function<void()>> posted_;
  std::jthread thread_;
};

}  // namespace skiff::net
