// SPDX-License-Identifier: Apache-2.0
#include "cli/line/args.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;

TEST(Args, DurationsOfAllUnits) {
  EXPECT_EQ(parse_duration("90s", "x").value(), 90s);
  EXPECT_EQ(parse_duration("6m", "x").value(), 6min);
  EXPECT_EQ(parse_duration("1h30m", "x").value(), 90min);
  EXPECT_EQ(parse_duration("250ms", "x").value(), 250ms);
}

TEST(Args, WhatIsNoDurationIsRefusedByName) {
  for (const char* text : {"", "6", "m", "-6m", "6x", "0s", "6m6", "6 m", "99999999999999999999s", "1000h"}) {
    const auto result = parse_duration(text, "--wait-timeout");
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().id, ErrorId::usage);
    EXPECT_NE(result.error().what.find("--wait-timeout"), std::string::npos);
  }
}

TEST(Args, IntegersStayInRange) {
  EXPECT_EQ(parse_small_int("-1", "x").value(), -1);
  EXPECT_FALSE(parse_small_int("99999999999", "x").ok());
  EXPECT_FALSE(parse_small_int("3x", "x").ok());
  EXPECT_FALSE(parse_small_int("", "x").ok());
}

TEST(Args, NumbersAreFinite) {
  EXPECT_EQ(parse_number("1.5", "x").value(), 1.5);
  for (const char* text : {"", "x", "1.5x", "nan", "inf", "1e999"}) EXPECT_FALSE(parse_number(text, "x").ok()) << text;
}

TEST(Args, ListsJoinCommasAndRepetition) {
  Args args;
  args.given["addons"] = {"a,b", " c ,"};
  EXPECT_EQ(args.list("addons"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(args.list("absent").empty());
}

TEST(Args, LastOneGivenCounts) {
  Args args;
  args.given["nodes"] = {"2", "3"};
  EXPECT_EQ(args.integer("nodes").value(), 3);
  EXPECT_EQ(args.integer("absent").value(), std::nullopt);
}

TEST(Args, Truth) {
  Args args;
  args.given["a"] = {"true"};
  args.given["b"] = {"false"};
  args.given["c"] = {"maybe"};
  EXPECT_EQ(args.truth("a").value(), true);
  EXPECT_EQ(args.truth("b").value(), false);
  EXPECT_EQ(args.truth("c").error().id, ErrorId::usage);
  EXPECT_TRUE(args.has("a"));
  EXPECT_FALSE(args.has("b"));
}

}  // namespace
}  // namespace skiff::cli
