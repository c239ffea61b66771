// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <sstream>
#include <thread>

#include "base/strings.h"
#include "cli/terminal/tty.h"
#include "sys/unique_fd.h"

namespace skiff::cli {
namespace {

struct Written {
  std::ostringstream out;
  std::ostringstream err;
  Screen screen{out, err};

  std::vector<Json> lines() const {
    std::vector<Json> parsed;
    for (const auto& line : split(trim(out.str()), '\n')) parsed.push_back(parse_json(line).value());
    return parsed;
  }
};

const Error docker_down{ErrorId::docker_not_running, "Docker does not answer", {"connect: refused"}, ""};

TEST(TextTerminal, DataOnStdoutTalkOnStderr) {
  Written to;
  const auto terminal = text_terminal(to.screen);
  {
    Step step(*terminal, "network", "Making the network");
    step.done();
  }
  {
    const Step failing(*terminal, "nodes", "Starting 3 nodes");
  }
  terminal->note("hello");
  terminal->warning("careful");
  terminal->answer("start", {.text = "data\n", .message = "Done."});
  EXPECT_EQ(to.out.str(), "data\n");
  const std::string err = to.err.str();
  EXPECT_NE(err.find("ok Making the network  (0.0 s)\n"), std::string::npos) << err;
  EXPECT_NE(err.find("failed Starting 3 nodes"), std::string::npos) << err;
  EXPECT_NE(err.find("hello\n"), std::string::npos);
  EXPECT_NE(err.find("Warning: careful\n"), std::string::npos);
  EXPECT_TRUE(err.ends_with("Done.\n"));
  EXPECT_EQ(err.find('\x1b'), std::string::npos) << "no escape sequence where nobody asked for colour";
}

TEST(TextTerminal, SpinnerOnlyWhereAnimated) {
  Written to;
  to.screen.animated = true;
  {
    const auto terminal = text_terminal(to.screen);
    Step step(*terminal, "nodes", "Starting");
    step.done();
    terminal->answer("start", {.message = "Done."});
  }
  EXPECT_TRUE(to.err.str().ends_with("Done.\n"));
}

TEST(TextTerminal, ErrorHasCauseAdviceAndId) {
  Written to;
  text_terminal(to.screen)->error("start", docker_down);
  EXPECT_EQ(to.out.str(), "");
  EXPECT_EQ(to.err.str(),
            "Error: Docker does not answer\n"
            "  connect: refused\n" +
                std::string(info(ErrorId::docker_not_running).advice) + "\n[DOCKER_NOT_RUNNING]\n");
}

TEST(TextTerminal, WordsOfOthersCannotSteerTheTerminal) {
  EXPECT_EQ(printable("a\tb\r\nc\n"), "a\tb\nc\n");
  EXPECT_EQ(printable("\x1b[2J\x07\x7f\r"), "^[[2J^G^?^M");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m \xc3\xa9 \xe2\x9c\x93"),
            "^[31m \xc3\xa9 \xe2\x9c\x93");
  Written to;
  const auto terminal = text_terminal(to.screen);
  terminal->error("start", {ErrorId::addon_failed, "said \x1b]0;title\x07", {"\x1b[31mred"}, "\x1b[m"});
  terminal->warning("\x1b[5m");
  EXPECT_EQ(to.err.str().find('\x1b'), std::string::npos) << to.err.str();

  const Answer log{.text = "a pod wrote \x1b[2J\n", .message = "of \x1b[m", .data = {}};
  for (const auto& make : {text_terminal, quiet_terminal}) {
    Written shown;
    make(shown.screen)->answer("logs", log);
    EXPECT_EQ(shown.out.str(), "a pod wrote ^[[2J\n");
    EXPECT_EQ(shown.err.str().find('\x1b'), std::string::npos) << shown.err.str();
  }
}

TEST(JsonTerminal, EveryLineIsAnObjectAndTheResultIsLast) {
  Written to;
  const auto terminal = json_terminal(to.screen);
  {
    Step step(*terminal, "network", "Making the network");
    terminal->progress("network", "half");
    step.done();
  }
  terminal->warning("careful \"quotes\"\nand lines");
  terminal->answer("start", {.text = "for people", .message = "Done.", .data = {{"profile", "lab"}}});
  const auto lines = to.lines();
  ASSERT_EQ(lines.size(), 5U);
  std::set<std::string> ids;
  for (const auto& line : lines) {
    EXPECT_EQ(text_at(line, "specversion"), "1.0");
    EXPECT_EQ(text_at(line, "source"), "skiff");
    EXPECT_TRUE(text_at(line, "time").ends_with("Z"));
    ids.insert(text_at(line, "id"));
  }
  EXPECT_EQ(ids.size(), lines.size());
  EXPECT_EQ(text_at(lines[0], "type"), "dev.skiff.step.started");
  EXPECT_EQ(text_at(lines[2], "type"), "dev.skiff.step.finished");
  EXPECT_GE(int_at(lines[2], "data.took_ms", -1), 0);
  const Json& result = lines.back();
  EXPECT_EQ(text_at(result, "type"), "dev.skiff.result");
  EXPECT_EQ(text_at(result, "data.profile"), "lab");
  EXPECT_EQ(text_at(result, "data.steps.0.step"), "network");
  EXPECT_TRUE(bool_at(result, "data.steps.0.ok"));
  EXPECT_EQ(to.err.str(), "");
}

TEST(JsonTerminal, ErrorIsTheLastLineAndToldToPeople) {
  Written to;
  json_terminal(to.screen)->error("status", docker_down);
  const auto lines = to.lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(text_at(lines[0], "type"), "dev.skiff.error");
  EXPECT_EQ(text_at(lines[0], "data.error.id"), "DOCKER_NOT_RUNNING");
  EXPECT_EQ(int_at(lines[0], "data.exit_code"), 69);
  EXPECT_EQ(text_at(lines[0], "data.error.causes.0"), "connect: refused");
  EXPECT_NE(to.err.str().find("Error: Docker"), std::string::npos);
}

TEST(QuietTerminal, OnlyResultsAndErrors) {
  Written to;
  const auto terminal = quiet_terminal(to.screen);
  {
    Step step(*terminal, "network", "Making the network");
    step.done();
  }
  terminal->warning("careful");
  terminal->answer("status", {.text = "data\n", .message = "Done."});
  EXPECT_EQ(to.out.str(), "data\n");
  EXPECT_EQ(to.err.str(), "");
  terminal->error("status", docker_down);
  EXPECT_NE(to.err.str().find("[DOCKER_NOT_RUNNING]"), std::string::npos);
}

TEST(Tty, OnlyWhatSomebodyHasPutThereIsInput) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const sys::UniqueFd pipe(ends[0]);
  const sys::UniqueFd other_end(ends[1]);
  EXPECT_TRUE(carries_input(pipe.get()));
  EXPECT_TRUE(carries_input(sys::UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0)).get()));
  EXPECT_TRUE(carries_input(sys::UniqueFd(::open("/proc/self/exe", O_RDONLY)).get()));
  EXPECT_FALSE(carries_input(sys::UniqueFd(::open("/dev/null", O_RDONLY)).get()));
  EXPECT_FALSE(carries_input(-1)) << "closed";
}

TEST(Terminals, LinesStayWholeWhenManyThreadsSpeak) {
  Written to;
  const auto terminal = json_terminal(to.screen);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < 50; ++k) {
          Step step(*terminal, "node-" + std::to_string(i), "Starting");
          step.done();
        }
      });
    }
  }
  EXPECT_EQ(to.lines().size(), 8U * 50U * 2U);
}

}  // namespace
}  // namespace skiff::cli
