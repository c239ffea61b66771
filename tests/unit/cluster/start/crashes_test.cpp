// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/crashes.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

TEST(Crashes, AreReadWithTheirWords) {
  EXPECT_TRUE(parse_crashes("lab-cp1", "").empty());
  const auto crashes =
      parse_crashes("lab-cp1", "=kube-apiserver\nError: unknown flag: --nonsense\n=kubelet\nE1 one\nE2 two\n");
  ASSERT_EQ(crashes.size(), 2U);
  EXPECT_EQ(crashes[0].service, "kube-apiserver");
  EXPECT_EQ(crashes[0].node, "lab-cp1");
  EXPECT_EQ(crashes[0].words, "Error: unknown flag: --nonsense");
  EXPECT_EQ(crashes[1].words, "E1 one\nE2 two");
}

}  // namespace
}  // namespace skiff::cluster
