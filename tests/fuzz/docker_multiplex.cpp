// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "drivers/docker/multiplex.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

using drivers::docker::Demultiplexer;

using Streams = std::map<Demultiplexer::Channel, std::string>;

Streams take(std::string_view input, std::size_t piece) {
  Demultiplexer demultiplexer;
  Streams streams;
  while (!input.empty()) {
    demultiplexer.feed(input.substr(0, piece), [&](auto channel, std::string_view bytes) {
      must_hold(!bytes.empty(), "no call for nothing");
      streams[channel] += bytes;
    });
    input.remove_prefix(std::min(piece, input.size()));
  }
  return streams;
}

}  // namespace

void docker_multiplex(std::string_view input) {
  const Streams whole = take(input, input.size() + 1);
  std::size_t carried = 0;
  for (const auto& [channel, bytes] : whole) carried += bytes.size();
  must_hold(carried <= input.size(), "no more comes out than went in");
  must_hold(take(input, 1) == whole && take(input, 5) == whole, "where the bytes are cut does not matter");
}

}  // namespace skiff::fuzz
