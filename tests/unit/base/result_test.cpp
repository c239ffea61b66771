// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace skiff {
namespace {

Result<std::unique_ptr<int>> half(int number) {
  if (number % 2 != 0) return make_error(ErrorId::usage, "odd");
  return std::make_unique<int>(number / 2);
}

Result<int> quarter(int number) { return *TRY(half(*TRY(half(number)))); }

TEST(Result, TryMovesTheValueOut) { EXPECT_EQ(*quarter(12), 3); }

TEST(Result, TryReturnsTheErrorUnchanged) {
  const auto result = quarter(6);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, ErrorId::usage);
  EXPECT_EQ(result.error().what, "odd");
}

TEST(Result, TrailGrowsOutwards) {
  const auto result = with_trail(with_trail(half(1), "inner"), "outer");
  EXPECT_EQ(result.error().trail, (std::vector<std::string>{"inner", "outer"}));
}

TEST(Error, AdviceFallsBackToTheTable) {
  EXPECT_EQ(advice_of(make_error(ErrorId::usage, "x")), info(ErrorId::usage).advice);
  EXPECT_EQ(advice_of(make_error(ErrorId::usage, "x", "do y")), "do y");
}

TEST(Error, NamesAreUniqueAndCodesNeverZero) {
  std::set<std::string_view> names;
  for (const auto& error : all_errors()) {
    EXPECT_TRUE(names.insert(error.name).second) << error.name;
    EXPECT_GT(error.exit_code, 0) << error.name;
    EXPECT_LT(error.exit_code, 256) << error.name;
    EXPECT_EQ(&info(error.id), &error);
  }
}

}  // namespace
}  // namespace skiff
