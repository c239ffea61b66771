// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/multiplex.h"

#include <gtest/gtest.h>

namespace skiff::drivers::docker {
namespace {

using Channel = Demultiplexer::Channel;

std::string frame(Channel channel, const std::string& payload) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(channel);
  for (int i = 0; i < 4; ++i) bytes[7 - i] = static_cast<char>(payload.size() >> (8 * i) & 0xff);
  return bytes + payload;
}

TEST(Demultiplexer, SeparatesChannelsWhereverTheBytesAreCut) {
  const std::string big(70000, 'b');
  const std::string bytes = frame(Channel::out, "one") + frame(Channel::err, "two") + frame(Channel::out, "") +
                            frame(Channel::out, big) + frame(Channel::err, "end");
  for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{9}, bytes.size()}) {
    Demultiplexer frames;
    std::string out;
    std::string err;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      frames.feed(std::string_view(bytes).substr(at, step),
                  [&](Channel channel, std::string_view piece) { (channel == Channel::err ? err : out) += piece; });
    }
    EXPECT_EQ(out, "one" + big) << step;
    EXPECT_EQ(err, "twoend") << step;
  }
}

}  // namespace
}  // namespace skiff::drivers::docker
