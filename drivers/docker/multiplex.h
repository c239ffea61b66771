// SPDX-License-Identifier: Apache-2.0
// Docker sends a command's stdout and stderr over one connection, in frames of eight header bytes (channel, three
// zeros, size as a big-endian number) and a payload.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace skiff::drivers::docker {

class Demultiplexer {
 public:
  enum class Channel : std::uint8_t { in = 0, out = 1, err = 2 };
  // Takes bytes as they arrive, cut anywhere, and hands on what they carry.
  void feed(std::string_view bytes, const std::function<void(Channel, std::string_view)>& sink);

 private:
  std::string header_;    // the part of a header that has arrived
  std::size_t left_ = 0;  // of the current frame's payload
  Channel channel_ = Channel::out;
};

}  // namespace skiff::drivers::docker
