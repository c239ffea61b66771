// SPDX-License-Identifier: Apache-2.0
#include "net/agent/process_identity.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

TEST(ProcessIdentity, TellsAProcessFromALaterOneWithItsNumber) {
  const auto self = own_identity();
  EXPECT_TRUE(is_alive(self));
  EXPECT_FALSE(is_alive({self.pid, self.start + 1}));
  EXPECT_EQ(parse_identity(to_text(self)), self);
}

TEST(ProcessIdentity, AnEndedChildIsGoneBeforeItIsWaitedFor) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto identity = identity_of(child);
  ASSERT_TRUE(identity);
  EXPECT_EQ(wait_for_end(context(std::chrono::milliseconds(20)), *identity).error().id, ErrorId::timeout);
  send_signal({child, identity->start + 1}, SIGKILL);  // somebody else
  EXPECT_TRUE(is_alive(*identity));
  send_signal(*identity, SIGKILL);
  EXPECT_TRUE(wait_for_end(context(), *identity).ok());
  EXPECT_FALSE(is_alive(*identity));
  EXPECT_FALSE(identity_of(child));
  ::waitpid(child, nullptr, 0);
}

TEST(ProcessIdentity, ReadsStartTimesBehindAnyName) {
  const std::string fields = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4711 20 21";
  EXPECT_EQ(start_time("12 (skiff)" + fields), 4711U);
  EXPECT_EQ(start_time("12 (a) R (b ) c)" + fields), 4711U);
  EXPECT_EQ(start_time("12 (skiff) Z" + fields.substr(2)), std::nullopt);
  const std::string two_threads = " Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 2 18 4711 20 21";
  EXPECT_EQ(start_time("12 (skiff)" + two_threads), 4711U) << "one thread is still on its way out";
  EXPECT_EQ(start_time("12 (skiff) S 1 2"), std::nullopt);
  EXPECT_EQ(start_time(""), std::nullopt);
}

TEST(ProcessIdentity, RefusesADamagedText) {
  for (const char* text : {"", "12", "12 x", "x 12", "-1 12", "12 -1", "1 2 3"})
    EXPECT_FALSE(parse_identity(text)) << text;
}

}  // namespace
}  // namespace skiff::net::test
