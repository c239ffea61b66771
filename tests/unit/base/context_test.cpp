#include "base/context.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/parallel.h"

namespace skiff {
namespace {

using std::chrono::hours;

struct ContextTest : testing::Test {
  NoEvents events;
  std::stop_source stop;
  Context ctx{stop.get_token(), Deadline::in(hours(1)), &events};
};

TEST_F(ContextTest, WithinNeverExtendsTheDeadline) {
  EXPECT_EQ(ctx.within(hours(9)).deadline.at, ctx.deadline.at);
  EXPECT_LT(ctx.within(Duration(5)).deadline.at, ctx.deadline.at);
}

TEST_F(ContextTest, StopEndsAPauseAtOnce) {
  stop.request_stop();
  const auto paused = ctx.pause(hours(1));
  ASSERT_FALSE(paused.ok());
  EXPECT_EQ(paused.error().id, ErrorId::interrupted);
}

TEST_F(ContextTest, CheckNamesTheErrorThatTheCallerWants) {
  const Context late{{}, Deadline::in(Duration(-1)), &events};
  EXPECT_EQ(late.check(ErrorId::node_timeout).error().id, ErrorId::node_timeout);
}

TEST_F(ContextTest, ParallelRunsEverything) {
  std::atomic<int> sum = 0;
  const std::vector<int> numbers{1, 2, 3, 4};
  ASSERT_TRUE(parallel_for(ctx, numbers, [&](const Context&, int n) -> Result<void> {
                sum += n;
                return {};
              }).ok());
  EXPECT_EQ(sum, 10);
}

TEST_F(ContextTest, ParallelStopsTheOthersAndKeepsTheRealError) {
  const auto failing = [](const Context&) -> Result<void> { return make_error(ErrorId::node_failed, "broken"); };
  const auto waiting = [](const Context& c) { return c.pause(hours(1)); };
  const auto result = parallel(ctx, {waiting, failing, waiting});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, ErrorId::node_failed);
}

TEST_F(ContextTest, ParallelPassesTheCallersStopOn) {
  stop.request_stop();
  const auto result = parallel(ctx, {[](const Context& c) { return c.pause(hours(1)); }});
  EXPECT_EQ(result.error().id, ErrorId::interrupted);
}

}  // namespace
}  // namespace skiff
