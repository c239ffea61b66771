// SPDX-License-Identifier: Apache-2.0
#include "base/piece_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace skiff {
namespace {

TEST(PieceQueue, HandsPiecesOnInOrderAndEnds) {
  NoEvents events;
  const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
  PieceQueue queue(2);
  const std::jthread writer([&] {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(queue.push(ctx, make_piece(std::to_string(i))).ok());
    queue.end();
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(*queue.pop(ctx).value(), std::to_string(i));
  EXPECT_EQ(queue.pop(ctx).value(), nullptr);
}

TEST(PieceQueue, NobodyWaitsForWhoHasLeftOrForEver) {
  NoEvents events;
  std::stop_source stop;
  const Context ctx{stop.get_token(), Deadline::never(), &events};
  PieceQueue queue(1);
  ASSERT_TRUE(queue.push(ctx, make_piece("a")).ok());
  const std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(queue.push(ctx, make_piece("b")).error().id, ErrorId::interrupted);
  const Context other{{}, Deadline::never(), &events};
  queue.leave();
  EXPECT_TRUE(queue.push(other, make_piece("c")).ok());
  EXPECT_EQ(queue.pop(other.within(std::chrono::milliseconds(1))).error().id, ErrorId::timeout);
}

}  // namespace
}  // namespace skiff
