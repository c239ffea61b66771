// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/shell.h"

#include <gtest/gtest.h>

#include "sys/process.h"

namespace skiff::cluster {
namespace {

using Words = std::vector<std::string>;

sys::Output login(const Words& words) {
  NoEvents events;
  auto ran = sys::run({{}, Deadline::in(std::chrono::seconds(20)), &events}, {.argv = login_command(words)});
  EXPECT_TRUE(ran.ok());
  return ran.ok() ? *std::move(ran) : sys::Output{};
}

TEST(LoginCommand, NoWordsAreTheShellItself) { EXPECT_EQ(login_command({}), (Words{"bash", "-l"})); }

TEST(LoginCommand, OneWordMayBeAWholeLineOfShell) {
  EXPECT_EQ(login({"echo 'two  words' | tr a-z A-Z"}).out, "TWO  WORDS\n");
  EXPECT_EQ(login({"exit 7"}).exit_code, 7);
}

TEST(LoginCommand, SeveralWordsAreOneLineToo) {
  EXPECT_EQ(login({"echo", "a  b", "&&", "echo", "$((1 + 1))"}).out, "a b\n2\n") << "as ssh joins them";
  EXPECT_EQ(login({"false", "||", "exit", "3"}).exit_code, 3);
}

}  // namespace
}  // namespace skiff::cluster
