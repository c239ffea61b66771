// SPDX-License-Identifier: Apache-2.0
// Pipes for splice(2), kept for the next user: a connection has one only while bytes are on their way through it.
// Internal to net/; lives on the loop's thread.
#pragma once

#include <deque>
#include <memory>

#include "sys/unique_fd.h"

namespace skiff::net {

struct Pipe {
  sys::UniqueFd out;  // read from here
  sys::UniqueFd in;
  std::shared_ptr<void> large;  // a share in the number of large pipes, null in an ordinary one
  explicit operator bool() const { return bool(in); }
};

class PipePool {
 public:
  Pipe take();                  // none when descriptors have run out (errno says)
  void give_back(Pipe&& pipe);  // an empty one; one that still holds bytes is thrown away by its owner

 private:
  std::deque<Pipe> free_;  // large ones last, to be taken first
  std::shared_ptr<void> large_ = std::make_shared<char>();
};

}  // namespace skiff::net
