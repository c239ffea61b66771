// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "net/forward/mux_protocol.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

using namespace skiff::net;

struct Taken {
  std::string bytes;  // the frames, written again
  bool broken = false;
};

Taken take(std::string_view input, std::size_t piece) {
  FrameReader reader;
  Taken taken;
  while (!input.empty()) {
    reader.feed(input.substr(0, piece));
    input.remove_prefix(std::min(piece, input.size()));
    while (const auto frame = reader.next()) {
      if (frame->kind == FrameKind::credit) [[maybe_unused]]
        const auto credit = read_credit(frame->payload);
      append_frame(taken.bytes, *frame);
    }
  }
  taken.broken = reader.broken();
  return taken;
}

}  // namespace

void mux_frames(std::string_view input) {
  const Taken whole = take(input, input.size() + 1);
  must_hold(input.starts_with(whole.bytes), "frames are what came, from the first byte on");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const Taken cut = take(input, piece);
    must_hold(cut.bytes == whole.bytes && cut.broken == whole.broken, "where the bytes are cut does not matter");
  }
}

}  // namespace skiff::fuzz
