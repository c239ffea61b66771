// SPDX-License-Identifier: Apache-2.0
#include "base/context.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <stdexcept>

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

TEST_F(ContextTest, ParallelHasABoundOfThreads) {
  std::atomic<std::size_t> at_once = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<std::size_t> ran = 0;
  std::barrier full(static_cast<std::ptrdiff_t>(most_threads));  // every thread is there before one goes on
  const std::vector<int> many(most_threads * 3);
  ASSERT_TRUE(parallel_for(ctx, many, [&](const Context&, int) -> Result<void> {
                const std::size_t now = ++at_once;
                for (std::size_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                full.arrive_and_wait();
                --at_once;
                ++ran;
                return {};
              }).ok());
  EXPECT_EQ(most, most_threads);
  EXPECT_EQ(ran, many.size());
}

TEST_F(ContextTest, ATaskThatThrowsHasFailed) {
  const auto throwing = [](const Context&) -> Result<void> { throw std::runtime_error("not caught"); };
  const auto waiting = [](const Context& c) { return c.pause(hours(1)); };
  const auto result = parallel(ctx, {waiting, throwing});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, ErrorId::internal);
  EXPECT_NE(result.error().what.find("not caught"), std::string::npos);
}

#ifndef SKIFF_SANITIZED  // sanitizers need all addresses
TEST_F(ContextTest, ThreadsThatCannotBeHadAreAnError) {
  const auto without_memory = [&] {
    const rlimit none{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_AS, &none);
    const std::vector<int> many(most_threads);
    const auto result = parallel_for(ctx, many, [](const Context& c, int) { return c.pause(hours(1)); });
    ::_exit(result.ok() ? 1 : result.error().id == ErrorId::host_error ? 0 : 2);
  };
  EXPECT_EXIT(without_memory(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace skiff
