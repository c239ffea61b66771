// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using StartLimit = fakes::LabWorld;

// An image may be built or imported for many minutes; the time that a cluster has to come up is not counted from
// before.
TEST_F(StartLimit, BeginsWhenTheImagesAreThere) {
  ctx.deadline = Deadline::never();
  ASSERT_TRUE(start().ok());
  EXPECT_TRUE(world.provider.unlimited.contains("ensure_image"));
  for (const auto* method : {"ensure_network", "ensure_node", "exec"}) {
    EXPECT_FALSE(world.provider.unlimited.contains(method)) << method;
  }
}

}  // namespace
}  // namespace skiff::cluster
