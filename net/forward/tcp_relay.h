// SPDX-License-Identifier: Apache-2.0
// Two connected sockets whose bytes go over into each other. Internal to net/; lives on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/forward/event_loop.h"
#include "net/forward/forwarder.h"
#include "net/forward/pipe_pool.h"

namespace skiff::net {

class TcpRelay final : public EventLoop::Watcher, public std::enable_shared_from_this<TcpRelay> {
 public:
  // Called once, at the end, with the error when the connection was broken off. The relay must outlive the call.
  using Ended = std::function<void(std::optional<std::string> error)>;

  TcpRelay(EventLoop& loop, PipePool& pipes, sys::UniqueFd client, sys::UniqueFd target, ForwardStatus& counters,
           Ended ended);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  Result<void> start();

 private:
  struct Side {
    sys::UniqueFd fd;
    bool readable = true;  // until the kernel says EAGAIN; edge-triggered events set it again
    bool writable = true;
  };
  struct Direction {
    Side& from;
    Side& to;
    std::uint64_t& bytes;
    Pipe pipe = {};
    std::size_t held = 0;  // bytes in the pipe: the only buffer that is ours
    bool ended = false;    // the end was passed on, or nobody takes bytes any more
  };
  enum class Progress { waiting, busy };

  void ready(int fd, unsigned events) override;
  void pump();
  Progress pump(Direction& direction);
  bool fill(Direction& direction);   // false: nothing there now
  bool drain(Direction& direction);  // false: no room there now
  void rest(Direction& direction);
  void try_again_later();
  void lose(const Side& side);
  static void give_up(Direction& direction);
  void break_off(int code);
  void end();

  EventLoop& loop_;
  PipePool& pipes_;
  Side client_;
  Side target_;
  Direction up_;
  Direction down_;
  EventLoop::Timer again_;  // while there is no pipe to be had
  Ended ended_;             // null once called
  std::optional<std::string> error_;
};

}  // namespace skiff::net
