// SPDX-License-Identifier: Apache-2.0
// A client's socket and a stream through a node, whose bytes go over into each other. Internal to net/; lives on the
// loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/forward/event_loop.h"
#include "net/forward/forwarder.h"
#include "net/forward/mux.h"

namespace skiff::net {

class StreamRelay final : public EventLoop::Watcher,
                          public Mux::User,
                          public std::enable_shared_from_this<StreamRelay> {
 public:
  // Called once, at the end, with the error when the connection was broken off. The relay must outlive the call.
  using Ended = std::function<void(std::optional<std::string> error)>;

  StreamRelay(EventLoop& loop, sys::UniqueFd client, Mux::Stream stream, ForwardStatus& counters, Ended ended);
  ~StreamRelay();
  StreamRelay(const StreamRelay&) = delete;
  StreamRelay& operator=(const StreamRelay&) = delete;

  Result<void> start();

 private:
  void ready(int fd, unsigned events) override;
  void received(std::string_view bytes) override;
  void ended() override;
  void may_send() override;
  void broken(const Error& why) override;
  void pump_up();
  void pump_down();
  void break_off(std::string why);
  void end_if_done();

  EventLoop& loop_;
  sys::UniqueFd client_;
  Mux::Stream stream_;
  ForwardStatus& counters_;
  Ended ended_;  // null once called
  bool readable_ = true;
  bool up_ended_ = false;
  std::string down_;      // what the client has not taken yet; the window limits it
  bool no_more_ = false;  // comes down
  bool down_ended_ = false;
  std::optional<std::string> error_;
};

}  // namespace skiff::net
