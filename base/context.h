// SPDX-License-Identifier: Apache-2.0
// The first parameter of every call that may block: when to give up, who may stop it, and whom to tell.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/events.h"
#include "base/result.h"

namespace skiff {

using Duration = std::chrono::milliseconds;

struct Deadline {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::time_point::max();

  static Deadline never() { return {}; }
  static Deadline in(Duration duration) { return {std::chrono::steady_clock::now() + duration}; }
  bool is_never() const { return at == std::chrono::steady_clock::time_point::max(); }
  bool passed() const { return std::chrono::steady_clock::now() >= at; }
  // Time left; zero once passed. A day for "never", so that it can be handed to timers as it is.
  Duration left() const;
  Deadline earlier(Deadline other) const { return at < other.at ? *this : other; }
};

struct Context {
  std::stop_token stop;
  Deadline deadline;
  Events* events;  // never null; outlives every call made with this context

  Context within(Duration duration) const { return {stop, deadline.earlier(Deadline::in(duration)), events}; }

  // An Error (interrupted or `id`) when work must end now; call it in every loop.
  Result<void> check(ErrorId id = ErrorId::timeout) const;
  // Blocks up to `duration`, or until stop or deadline. Only for back-off between tries and for poll intervals of
  // things that offer no notification.
  Result<void> pause(Duration duration, ErrorId id = ErrorId::timeout) const;
};

}  // namespace skiff
