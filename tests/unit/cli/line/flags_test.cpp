// SPDX-License-Identifier: Apache-2.0
#include "cli/line/flags.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

const std::vector<Flag> flags = {{"nodes", 'n', "N", ""},
                                 {"profile", 'p', "NAME", ""},
                                 {"url", 0, "", ""},
                                 {"all", 'a', "", ""},
                                 {"big", 'b', "", ""}};

using Words = std::vector<std::string>;

TEST(Flags, EverySpelling) {
  for (const Words& words : {Words{"--nodes", "3"}, Words{"--nodes=3"}, Words{"-n", "3"}, Words{"-n3"}}) {
    const auto args = take_flags(flags, words);
    ASSERT_TRUE(args.ok());
    EXPECT_EQ(args->text("nodes"), "3");
    EXPECT_TRUE(args->words.empty());
  }
}

TEST(Flags, AnywhereAndInOrder) {
  const auto args = take_flags(flags, {"service", "--url", "web", "-p", "lab", "x"}).value();
  EXPECT_EQ(args.words, (Words{"service", "web", "x"}));
  EXPECT_TRUE(args.has("url"));
  EXPECT_EQ(args.text("profile"), "lab");
}

TEST(Flags, SwitchesTogetherAndSwitchedOff) {
  const auto args = take_flags(flags, {"-ab", "--url=false"}).value();
  EXPECT_TRUE(args.has("all"));
  EXPECT_TRUE(args.has("big"));
  EXPECT_FALSE(args.has("url"));
}

TEST(Flags, ValuesThatLookLikeFlagsOrAreEmpty) {
  EXPECT_EQ(take_flags(flags, {"--nodes", "-1"})->text("nodes"), "-1");
  EXPECT_EQ(take_flags(flags, {"--nodes=-1"})->text("nodes"), "-1");
  EXPECT_EQ(take_flags(flags, {"-p", ""})->text("profile"), "");
  const auto args = take_flags(flags, {"--profile=", "start"}).value();
  EXPECT_EQ(args.text("profile"), "");
  EXPECT_EQ(args.words, (Words{"start"}));
}

TEST(Flags, UnknownOnesAreLeft) {
  const auto args = take_flags(flags, {"--nodse", "3", "-x", "-1"}).value();
  EXPECT_EQ(args.words, (Words{"--nodse", "3", "-x", "-1"}));
}

TEST(Flags, MissingValueIsUsage) {
  const auto args = take_flags(flags, {"--nodes"});
  ASSERT_FALSE(args.ok());
  EXPECT_EQ(args.error().id, ErrorId::usage);
  EXPECT_NE(args.error().what.find("--nodes"), std::string::npos);
}

TEST(Flags, WrongSwitchValueIsUsage) {
  const auto args = take_flags(flags, {"--url=perhaps"});
  ASSERT_FALSE(args.ok());
  EXPECT_EQ(args.error().what, "--url must be true or false, not 'perhaps'");
}

TEST(Flags, NegativeNumbersAreNoFlags) {
  EXPECT_TRUE(is_flag("-n"));
  EXPECT_TRUE(is_flag("--nodes"));
  EXPECT_FALSE(is_flag("-1"));
  EXPECT_FALSE(is_flag("-"));
  EXPECT_FALSE(is_flag("web"));
}

}  // namespace
}  // namespace skiff::cli
