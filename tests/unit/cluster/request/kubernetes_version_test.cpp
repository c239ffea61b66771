// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/kubernetes_version.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

const std::vector<std::string> available = {"v1.37.2", "v1.36.3", "v1.35.4"};

TEST(KubernetesVersion, IsFoundByWhatPeopleCallIt) {
  for (const auto* text : {"1.36", "v1.36", "1.36.3", "v1.36.3"}) {
    const auto chosen = choose_version(text, available);
    ASSERT_TRUE(chosen.ok()) << text << ": " << chosen.error().what;
    EXPECT_EQ(*chosen, "v1.36.3") << text;
  }
  for (const auto* text : {"stable", "latest", "1", "1.37"}) EXPECT_EQ(*choose_version(text, available), "v1.37.2");
}

TEST(KubernetesVersion, OneWithoutARecipeNamesTheNearest) {
  const auto nearest = [](const char* text) {
    const auto chosen = choose_version(text, available);
    EXPECT_FALSE(chosen.ok()) << text;
    EXPECT_EQ(chosen.error().id, ErrorId::unsupported) << text;
    return chosen.error().advice;
  };
  EXPECT_NE(nearest("1.36.1").find("=v1.36.3"), std::string::npos);
  EXPECT_NE(nearest("v1.20.0").find("=v1.35.4"), std::string::npos);
  EXPECT_NE(nearest("1.40").find("=v1.37.2"), std::string::npos);
}

TEST(KubernetesVersion, WhatIsNoneIsAUsageError) {
  for (const auto* text : {"", "v", "x", "1.x", "1.2.3.4", "1..2", "-1", "1.36.3-rc.1"}) {
    const auto chosen = choose_version(text, available);
    ASSERT_FALSE(chosen.ok()) << text;
    EXPECT_EQ(chosen.error().id, ErrorId::usage) << text;
  }
}

TEST(KubernetesVersion, AClusterGoesOnByOneMinorAndNotBack) {
  EXPECT_TRUE(check_upgrade("v1.36.3", "v1.36.3").ok());
  EXPECT_TRUE(check_upgrade("v1.36.1", "v1.36.3").ok());
  EXPECT_TRUE(check_upgrade("v1.36.3", "v1.37.2").ok());
  EXPECT_EQ(check_upgrade("v1.36.3", "v1.36.1").error().id, ErrorId::unsupported);
  EXPECT_EQ(check_upgrade("v1.37.2", "v1.36.3").error().id, ErrorId::unsupported);
  const auto jump = check_upgrade("v1.35.4", "v1.37.2");
  ASSERT_FALSE(jump.ok());
  EXPECT_NE(jump.error().advice.find("1.36"), std::string::npos);
}

}  // namespace
}  // namespace skiff::cluster
