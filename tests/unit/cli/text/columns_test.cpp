// SPDX-License-Identifier: Apache-2.0
#include "cli/text/columns.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

TEST(Columns, AlignAndLeaveNoBlanksAtTheEnd) {
  EXPECT_EQ(to_columns({{"NODE", "STATE"}, {"lab-cp1", "Running"}, {"x", ""}}),
            "NODE     STATE\nlab-cp1  Running\nx\n");
  EXPECT_EQ(to_columns({}), "");
}

}  // namespace
}  // namespace skiff::cli
