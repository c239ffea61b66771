// SPDX-License-Identifier: Apache-2.0
#include "net/forward/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "net/os_error.h"

namespace skiff::net {

namespace {

using Clock = std::chrono::steady_clock;

// What an event carries: the descriptor, and which watch() of it.
std::uint64_t mark_of(int fd, std::uint32_t serial) {
  return std::uint64_t{serial} << 32U | static_cast<std::uint32_t>(fd);
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::start() {
  sys::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  sys::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = mark_of(wake.get(), 0);
  if (!epoll || !wake || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return os_error("Cannot watch sockets");
  }
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll), std::move(wake)));
}

EventLoop::EventLoop(sys::UniqueFd epoll, sys::UniqueFd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EventLoop::~EventLoop() {
  thread_.request_stop();
  post([] {});
  thread_.join();
}

void EventLoop::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(work));
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // a full counter wakes as well
}

Result<void> EventLoop::watch(int fd, unsigned events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = mark_of(fd, ++last_serial_);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return os_error("Cannot watch a socket");
  watches_[fd] = {&watcher, last_serial_};
  return {};
}

void EventLoop::unwatch(int fd) {
  if (watches_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::Timer EventLoop::after(Duration delay, std::function<void()> action) {
  return timers_.emplace(Timer{Clock::now() + delay, ++timers_made_}, std::move(action)).first->first;
}

void EventLoop::cancel(const Timer& timer) { timers_.erase(timer); }

void EventLoop::destroy_later(std::shared_ptr<void> object) { dying_.push_back(std::move(object)); }

void EventLoop::run(const std::stop_token& stop) {
  // Writing to a connection that its peer has reset must be an error code here, not a signal.
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);

  std::array<epoll_event, 256> events{};
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), milliseconds_to_next_timer());
    for (int i = 0; i < count; ++i) {
      const auto& event = events.at(static_cast<std::size_t>(i));
      const int fd = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
      const auto serial = static_cast<std::uint32_t>(event.data.u64 >> 32U);
      if (fd == wake_.get()) {
        std::uint64_t value = 0;
        [[maybe_unused]] const auto read = ::read(wake_.get(), &value, sizeof value);
      } else if (const auto found = watches_.find(fd); found != watches_.end() && found->second.serial == serial) {
        found->second.watcher->ready(fd, event.events);
      }
    }
    run_posted();
    run_due_timers();
    dying_.clear();
  }
}

void EventLoop::run_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& each : work) each();
}

void EventLoop::run_due_timers() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    timers_.extract(timers_.begin()).mapped()();
  }
}

int EventLoop::milliseconds_to_next_timer() const {
  if (timers_.empty()) return -1;
  const auto left = std::chrono::ceil<Duration>(timers_.begin()->first.first - Clock::now());
  return static_cast<int>(std::clamp<Duration::rep>(left.count(), 0, 60'000));
}

}  // namespace skiff::net
