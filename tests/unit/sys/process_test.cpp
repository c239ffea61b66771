// SPDX-License-Identifier: Apache-2.0
#include "sys/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

namespace skiff::sys {
namespace {

struct ProcessTest : testing::Test {
  NoEvents events;
  std::stop_source stop;
  Context ctx{stop.get_token(), Deadline::in(std::chrono::seconds(20)), &events};
  Result<Output> shell(const std::string& script) { return run(ctx, {.argv = {"sh", "-c", script}}); }
};

TEST_F(ProcessTest, StreamsInputEnvironmentAndCode) {
  const auto output = run(ctx, {.argv = {"sh", "-c", "cat; echo \"$GREETING\" >&2; pwd >&2; exit 3"},
                                .env = {{"GREETING", "hello"}},
                                .cwd = "/tmp",
                                .input = "in"});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->exit_code, 3);
  EXPECT_EQ(output->out, "in");
  EXPECT_EQ(output->err, "hello\n/tmp\n");
}

TEST_F(ProcessTest, MuchOutputArrivesWhole) { EXPECT_EQ(shell("head -c 5000000 /dev/zero")->out.size(), 5000000U); }

TEST_F(ProcessTest, LinesArriveOneByOne) {
  std::vector<std::string> lines;
  const auto output = run(
      ctx, {.argv = {"printf", "a\\nb\\nlast"}, .on_line = [&](std::string_view line) { lines.emplace_back(line); }});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b", "last"}));
}

TEST_F(ProcessTest, DeadlineEndsTheWholeGroup) {
  const auto begin = std::chrono::steady_clock::now();
  const auto output = run(ctx.within(Duration(200)), {.argv = {"sh", "-c", "sleep 60 & echo $!; sleep 60"}});
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().id, ErrorId::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(ProcessTest, StopEndsAChildThatIgnoresTerm) {
  std::jthread stopper([this] { stop.request_stop(); });
  const auto output = shell("trap '' TERM; sleep 60");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().id, ErrorId::interrupted);
}

TEST_F(ProcessTest, ChildrenGetTheSignalsOfAFreshProcess) {
  ::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGQUIT}) ::signal(signal, SIG_DFL);  // a shell's background jobs ignore them
  const auto output = shell("grep -E '^Sig(Ign|Blk)' /proc/self/status | cut -f 2 | sort -u");
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(output->out, "0000000000000000\n");
}

TEST_F(ProcessTest, ChildrenInheritOnlyTheThreeStreams) {
  EXPECT_EQ(run(ctx, {.argv = {"ls", "/proc/self/fd"}})->out, "0\n1\n2\n3\n") << "3 is the folder that ls reads";
}

TEST_F(ProcessTest, AbsentProgramAndFailureHaveTheirOwnErrors) {
  EXPECT_EQ(run(ctx, {.argv = {"no-such-program"}}).error().id, ErrorId::tool_not_found);
  const auto failed = run_checked(ctx, {.argv = {"sh", "-c", "echo why >&2; exit 4"}}, ErrorId::image_build_failed);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::image_build_failed);
  EXPECT_EQ(failed.error().trail, std::vector<std::string>{"why"});
}

}  // namespace
}  // namespace skiff::sys
