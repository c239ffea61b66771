// SPDX-License-Identifier: Apache-2.0
// What goes over the standard streams of `skiff-relay`, the program in a node that dials for the host; its half is
// images/node/modules/relay. Internal to net/.
//
// A frame: kind (one byte), stream (four), size of the payload (four), payload; numbers are big-endian. The host
// numbers the streams and uses no number twice, so that what is still under way for an ended one is known as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skiff::net {

enum class FrameKind : std::uint8_t {
  open = 1,    // host: dial "tcp 10.96.3.4:80", or udp
  opened = 2,  // relay: done
  data = 3,    // bytes; of UDP one datagram
  end = 4,     // the sender's direction has ended
  reset = 5,   // the stream is no more; the payload says why
  credit = 6,  // four bytes: the receiver has passed on so many bytes and takes as many more
};

// Bytes of a TCP stream that may be under way in one direction before the receiver has passed them on.
inline constexpr std::size_t stream_window = 256UL * 1024;

struct Frame {
  FrameKind kind = FrameKind::data;
  std::uint32_t stream = 0;
  std::string_view payload;
};
void append_frame(std::string& out, const Frame& frame);
void append_credit(std::string& out, std::uint32_t stream, std::size_t bytes);
std::size_t read_credit(std::string_view payload);

// Takes bytes as they arrive, cut anywhere.
class FrameReader {
 public:
  void feed(std::string_view bytes);
  // The next whole frame; its payload holds until the next call of feed(). Nothing: more bytes are needed, or broken().
  std::optional<Frame> next();
  bool broken() const { return broken_; }  // what came is not of this protocol

 private:
  std::string buffer_;
  std::size_t read_ = 0;  // of the buffer
  bool broken_ = false;
};

}  // namespace skiff::net
