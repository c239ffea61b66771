// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(Strings, SplitKeepsEmptyParts) { EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"})); }

TEST(Strings, ParseIntTakesTheWholeText) {
  EXPECT_EQ(*parse_int("-12", "n"), -12);
  for (const auto* bad : {"", "x", "1x", " 1", "99999999999999999999"}) EXPECT_FALSE(parse_int(bad, "n").ok()) << bad;
}

TEST(Strings, NearestFindsTyposOnly) {
  const std::vector<std::string> commands{"start", "stop", "status", "delete"};
  EXPECT_EQ(nearest("strat", commands), "start");
  EXPECT_EQ(nearest("stauts", commands), "status");
  EXPECT_EQ(nearest("kubernetes", commands), "");
}

TEST(Strings, Base64RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(*base64_decode(base64_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(base64_encode("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_FALSE(base64_decode("a-b").ok());
}

}  // namespace
}  // namespace skiff
