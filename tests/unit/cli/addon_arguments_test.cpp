// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using Pairs = std::map<std::string, std::string>;

TEST(AddonArguments, PairsSplitAtTheFirstEqualsSign) {
  EXPECT_EQ(parse_pairs({"a=1", "b=x=y", "c=", "a=2"}, "set").value(), (Pairs{{"a", "2"}, {"b", "x=y"}, {"c", ""}}));
  for (const auto* bad : {"a", "=1", ""}) {
    const auto pairs = parse_pairs({bad}, "set");
    ASSERT_FALSE(pairs.ok()) << bad;
    EXPECT_EQ(pairs.error().id, ErrorId::usage);
    EXPECT_EQ(pairs.error().what, "--set takes KEY=VALUE, not '" + std::string(bad) + "'");
  }
}

TEST(AddonArguments, AFileOfValuesIsOneMapping) {
  EXPECT_EQ(parse_values("a: text\nb: 5\nc: true\n", "f").value(), (Pairs{{"a", "text"}, {"b", "5"}, {"c", "true"}}));
  for (const auto* bad : {"", "[a]", "a: [1]", "a: 1\n---\nb: 2\n", "a: {b: c}", "a:\n"}) {
    EXPECT_FALSE(parse_values(bad, "f").ok()) << bad;
  }
}

}  // namespace
}  // namespace skiff::cli
