// SPDX-License-Identifier: Apache-2.0
#include "sys/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace skiff::sys {
namespace {

using Clock = std::chrono::steady_clock;

void send(int signal) { ::kill(::getpid(), signal); }
void send_and_wait(int signal) {  // until the watcher has it
  send(signal);
  sigset_t pending;
  do {
    std::this_thread::yield();
    ::sigpending(&pending);
  } while (sigismember(&pending, signal) == 1);
}

TEST(Signals, OneStopsAndThoseAtOnceAfterItChangeNothing) {
  const auto shut_down = [] {
    std::stop_token token;
    {
      const Signals signals;
      token = signals.token();
      for (const int signal : {SIGTERM, SIGHUP, SIGINT}) send_and_wait(signal);
    }
    ::_exit(token.stop_requested() ? 0 : 1);
  };
  EXPECT_EXIT(shut_down(), testing::ExitedWithCode(0), "");
}

TEST(Signals, WhoGoesOnInsists) {
  const auto insist = [] {
    const Signals signals;
    for (const auto end = Clock::now() + std::chrono::seconds(20); Clock::now() < end;) send_and_wait(SIGINT);
    ::_exit(1);
  };
  const auto began = Clock::now();
  EXPECT_EXIT(insist(), testing::ExitedWithCode(130), "");
  EXPECT_GE(Clock::now() - began, std::chrono::seconds(1));
}

TEST(Signals, AHangUpNeverInsists) {
  const auto hang_up = [] {
    const Signals signals;
    for (const auto end = Clock::now() + std::chrono::milliseconds(1200); Clock::now() < end;) send_and_wait(SIGHUP);
    ::_exit(signals.token().stop_requested() ? 0 : 1);
  };
  EXPECT_EXIT(hang_up(), testing::ExitedWithCode(0), "");
}

TEST(Signals, ANohupIsHonoured) {
  const auto under_nohup = [] {
    ::signal(SIGHUP, SIG_IGN);
    std::stop_token token;
    {
      const Signals signals;
      token = signals.token();
      send_and_wait(SIGHUP);
    }
    ::_exit(token.stop_requested() ? 1 : 0);
  };
  EXPECT_EXIT(under_nohup(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace skiff::sys
