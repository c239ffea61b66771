// SPDX-License-Identifier: Apache-2.0
#include "images/cpio.h"

#include <gtest/gtest.h>

namespace skiff::images {
namespace {

// The reader is the kernel: a header of 110 characters, then name and content, each padded to four bytes.
TEST(Cpio, EntryHasTheKernelsLayout) {
  const std::string entry = cpio_entry("init", "abc", 0100755);
  EXPECT_EQ(entry.substr(0, 6), "070701");
  EXPECT_EQ(entry.substr(14, 8), "000081ed");  // mode
  EXPECT_EQ(entry.substr(54, 8), "00000003");  // size
  EXPECT_EQ(entry.substr(94, 8), "00000005");  // length of the name with its zero
  EXPECT_EQ(entry.substr(110, 6), std::string("init\0\0", 6));
  EXPECT_EQ(entry.substr(116), std::string("abc\0", 4));
}

TEST(Cpio, EndIsNamed) { EXPECT_NE(cpio_end().find("TRAILER!!!"), std::string::npos); }

}  // namespace
}  // namespace skiff::images
