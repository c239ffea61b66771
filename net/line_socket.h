// SPDX-License-Identifier: Apache-2.0
// Lines of text over a unix stream socket, each with a descriptor on request (SCM_RIGHTS).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "sys/unique_fd.h"

namespace skiff::net {

class LineSocket {
 public:
  // A longer line is an error (network), so that nobody can make us collect bytes without end.
  LineSocket(sys::UniqueFd fd, std::size_t longest_line) : fd_(std::move(fd)), longest_line_(longest_line) {}

  // Blocks until all is handed over. `lines` end with a newline; the descriptor goes with the first byte and stays the
  // caller's.
  Result<void> send(const Context& ctx, std::string_view lines, int descriptor = -1);

  struct Line {
    std::string text;  // without the newline
    sys::UniqueFd descriptor;
  };
  // Blocks for the next line; nothing when the peer has closed, with or without a reset.
  Result<std::optional<Line>> receive(const Context& ctx);

  sys::UniqueFd release() { return std::move(fd_); }
  int fd() const { return fd_.get(); }

 private:
  Result<bool> fill(const Context& ctx);  // false at the end

  sys::UniqueFd fd_;
  std::size_t longest_line_;
  std::string received_;
  std::deque<sys::UniqueFd> descriptors_;
};

// The two ends of a connection.
struct SocketPair {
  sys::UniqueFd ours;
  sys::UniqueFd theirs;
};
Result<SocketPair> make_socket_pair();

}  // namespace skiff::net
