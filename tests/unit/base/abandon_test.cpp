// SPDX-License-Identifier: Apache-2.0
#include "base/abandon.h"

#include <gtest/gtest.h>

#include <latch>

namespace skiff {
namespace {

class Listener final : public Events {
 public:
  void step_started(std::string_view, std::string_view) override {}
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view text) override { heard += text; }
  void warning(std::string_view) override {}
  std::string heard;
};

constexpr Duration no_grace{0};

class AbandonTest : public ::testing::Test {
 protected:
  Listener listener;
  std::stop_source stop;
  Context ctx{stop.get_token(), Deadline::in(std::chrono::seconds(20)), &listener};
};

TEST_F(AbandonTest, WorkThatEndsGivesItsResult) {
  const auto answer = abandonable<int>(ctx, no_grace, [](const Context& c) -> Result<int> {
    c.events->note("told");
    return 42;
  });
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, 42);
  EXPECT_EQ(listener.heard, "told");
}

TEST_F(AbandonTest, WorkThatHangsIsLeftAtAStop) {
  const auto hung = std::make_shared<std::latch>(1);
  const auto ended = std::make_shared<std::latch>(1);
  const auto answer = abandonable<void>(ctx, no_grace, [this, hung, ended](const Context& c) -> Result<void> {
    stop.request_stop();  // the user does
    hung->wait();
    c.events->note("nobody is there to hear it");
    ended->count_down();
    return {};
  });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::interrupted);
  hung->count_down();
  ended->wait();
  EXPECT_EQ(listener.heard, "");
}

TEST_F(AbandonTest, WorkThatHangsIsLeftAtTheDeadline) {
  const auto hung = std::make_shared<std::latch>(1);
  const auto answer = abandonable<void>(ctx.within(Duration(20)), no_grace, [hung](const Context&) -> Result<void> {
    hung->wait();
    return {};
  });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::timeout);
  hung->count_down();
}

TEST_F(AbandonTest, WorkThatHeedsAStopHasTheLastWord) {
  const auto answer = abandonable<void>(ctx, std::chrono::seconds(20), [this](const Context& c) -> Result<void> {
    stop.request_stop();
    TRY(c.pause(std::chrono::seconds(20)));
    return {};
  });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::interrupted);
}

}  // namespace
}  // namespace skiff
