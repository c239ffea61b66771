// SPDX-License-Identifier: Apache-2.0
#include "sys/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace skiff::sys {
namespace {

constexpr auto insistence = std::chrono::seconds(1);  // a shutdown sends TERM and HUP at once

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&set, signal);
  struct sigaction hang_up{};
  ::sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);  // else nohup has set it so
  return set;
}

}  // namespace

struct Signals::Watcher {
  std::jthread thread;
};

Signals::Signals() : watcher_(new Watcher) {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  watcher_->thread = std::jthread([this, set](const std::stop_token& done) {
    int signal = 0;
    ::sigwait(&set, &signal);
    if (done.stop_requested()) return;
    source_.request_stop();
    const auto first = std::chrono::steady_clock::now();
    for (;;) {
      ::sigwait(&set, &signal);
      if (done.stop_requested()) return;
      const bool late = std::chrono::steady_clock::now() - first >= insistence;
      if (late && signal != SIGHUP) ::_exit(130);  // the user insists
    }
  });
}

Signals::~Signals() {
  watcher_->thread.request_stop();
  ::pthread_kill(watcher_->thread.native_handle(), SIGTERM);
  delete watcher_;
}

}  // namespace skiff::sys
