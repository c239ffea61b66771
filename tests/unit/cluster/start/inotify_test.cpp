// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/inotify.h"

#include <gtest/gtest.h>

#include "tests/fakes/warnings.h"

namespace skiff::cluster {
namespace {

TEST(Inotify, ADistributionsLimitIsEnoughForAFewNodesOnly) {
  EXPECT_TRUE(is_enough({.limit = 128}, 3));
  EXPECT_FALSE(is_enough({.limit = 128}, 9));
  EXPECT_TRUE(is_enough({.limit = 8192}, 9));
  EXPECT_TRUE(is_enough({.limit = 0}, 9)) << "a host that does not say";
}

// Other clusters, and programs of root's, may have used them up: whoever can count does.
TEST(Inotify, WhatIsFreeCountsMoreThanTheLimit) {
  EXPECT_FALSE(is_enough({.limit = 128, .free = 3}, 1));
  EXPECT_TRUE(is_enough({.limit = 128, .free = inotify_instances_for(5)}, 5));
}

TEST(Inotify, TheAdviceIsEnoughForWhatItWasGivenFor) {
  for (const int nodes : {1, 9, 50}) {
    const std::string advice = inotify_advice(nodes);
    const long long limit = std::atoll(advice.substr(advice.find('=') + 1).c_str());
    EXPECT_TRUE(is_enough({.limit = limit}, nodes)) << advice;
  }
}

TEST(Inotify, CountingTakesNothing) {
  for (int i = 0; i < 3; ++i) {
    const InotifyRoom room = inotify_room(8);
    EXPECT_LE(room.free, 8);
  }
}

TEST(Inotify, NodesWithAKernelOfTheirOwnOrElsewhereAreNotSpokenOf) {
  fakes::Warnings events;
  const Context ctx{{}, Deadline::never(), &events};
  warn_of_inotify(ctx, {.own_kernel = true, .reachable_from_host = true}, 1'000'000);
  warn_of_inotify(ctx, {.own_kernel = false, .reachable_from_host = false}, 1'000'000);
  EXPECT_TRUE(events.texts.empty());
  warn_of_inotify(ctx, {.own_kernel = false, .reachable_from_host = true}, 1'000'000);
  ASSERT_EQ(events.texts.size(), 1U);
  EXPECT_NE(events.texts[0].find("sudo sysctl fs.inotify.max_user_instances="), std::string::npos);
}

}  // namespace
}  // namespace skiff::cluster
