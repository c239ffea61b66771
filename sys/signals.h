// SPDX-License-Identifier: Apache-2.0
// INT, TERM and HUP as a stop token; HUP not where it was ignored at the start (nohup). Another INT or TERM, a second
// or more after the first signal, ends the process at once.
#pragma once

#include <stop_token>

namespace skiff::sys {

// Blocks the three signals for all threads made later and watches them on a thread of its own until destroyed.
// Make one, in main, before any other thread.
// (A forwarded Ctrl-C reaches children too: they run in process groups of their own, see process.h.)
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  struct Watcher;
  Watcher* watcher_;
};

}  // namespace skiff::sys
