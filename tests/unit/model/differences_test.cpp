// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/profile.h"

namespace skiff {
namespace {

ClusterSpec lab() {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "docker";
  spec.kubernetes_version = "v1";
  spec.node_image = "image";
  return spec;
}

TEST(Differences, OfTheSameThereAreNone) { EXPECT_TRUE(differences(lab(), lab()).empty()); }

TEST(Differences, AreToldKeyByKey) {
  ClusterSpec after = lab();
  grow(after, 2);
  after.node_settings[{Role::worker, 1}].labels["tier"] = "db";
  after.kubernetes.feature_gates["Some"] = true;
  after.context = "mine";
  ClusterSpec before = lab();
  before.addons = {"storage"};
  const std::vector<Difference> expected = {{"addons", "storage", ""},
                                            {"context", "", "mine"},
                                            {"kubernetes.featureGates.Some", "", "true"},
                                            {"nodeSettings.w1.labels.tier", "", "db"},
                                            {"nodes", "cp1", "cp1, w1"}};
  EXPECT_EQ(differences(before, after), expected);
}

}  // namespace
}  // namespace skiff
