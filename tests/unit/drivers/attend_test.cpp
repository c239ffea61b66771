// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/attend.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <future>

#include "sys/unique_fd.h"

namespace skiff::drivers {
namespace {

class AttendTest : public testing::Test {
 protected:
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
  std::string written;
  std::vector<TerminalSize> sizes;
  std::promise<void> closed;
  CommandInput input{.write = [this](const Context&, std::string_view bytes) -> Result<void> {
                       written += bytes;
                       return {};
                     },
                     .close = [this](const Context&) -> Result<void> {
                       closed.set_value();
                       return {};
                     },
                     .resize = [this](const Context&, const TerminalSize& size) -> Result<void> {
                       sizes.push_back(size);
                       return {};
                     }};
  // A command that lives until its stdin ends.
  Result<void> until_closed(const Context&) {
    closed.get_future().wait();
    return {};
  }
};

TEST_F(AttendTest, StdinIsFedPieceByPieceAndClosed) {
  std::vector<std::string> pieces = {"", "two", "one "};
  ExecRequest request;
  request.in = [&](const Context&) -> Result<std::string> {
    auto piece = pieces.back();
    pieces.pop_back();
    return piece;
  };
  ASSERT_TRUE(attend(ctx, request, input, [this](const Context& c) { return until_closed(c); }).ok());
  EXPECT_EQ(written, "one two");
}

TEST_F(AttendTest, AnInputThatNeverEndsEndsWithTheCommand) {
  ExecRequest request;
  request.in = [](const Context& c) -> Result<std::string> {
    TRY(c.pause(std::chrono::hours(1), ErrorId::interrupted));
    return std::string();
  };
  EXPECT_TRUE(attend(ctx, request, input, [](const Context&) { return Result<void>(); }).ok());
}

TEST_F(AttendTest, ACommandMayStopReading) {
  ExecRequest request;
  request.in = [](const Context&) { return Result<std::string>("more"); };
  input.write = [](const Context&, std::string_view) { return make_error(ErrorId::network, "nobody reads"); };
  EXPECT_TRUE(attend(ctx, request, input, [](const Context&) { return Result<void>(); }).ok());
  input.write = [](const Context&, std::string_view) { return make_error(ErrorId::host_error, "broken"); };
  EXPECT_EQ(attend(ctx, request, input, [](const Context& c) { return c.pause(std::chrono::hours(1)); }).error().id,
            ErrorId::host_error);
}

TEST_F(AttendTest, ATerminalsKeysAndSizeGoToTheCommand) {
  int ours = -1;
  int theirs = -1;
  winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::openpty(&ours, &theirs, nullptr, nullptr, &size), 0);
  const sys::UniqueFd user(ours);
  const sys::UniqueFd terminal(theirs);
  ASSERT_EQ(::write(ours, "ls\n\x04", 4), 4);  // a line, and its end as a terminal has it
  ExecRequest request;
  request.tty_fd = theirs;
  ASSERT_TRUE(attend(ctx, request, input, [this](const Context& c) { return until_closed(c); }).ok());
  EXPECT_EQ(written, "ls\n");
  EXPECT_EQ(sizes, (std::vector<TerminalSize>{{24, 80}}));
}

}  // namespace
}  // namespace skiff::drivers
