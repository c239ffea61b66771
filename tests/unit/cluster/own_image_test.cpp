// SPDX-License-Identifier: Apache-2.0
// Which images belong to no cluster and no start.
#include "cluster/own_image.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "images/build.h"
#include "sys/files.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

class PruneTest : public fakes::LabWorld {
 protected:
  PruneTest() {
    ::setenv("SKIFF_CACHE_DIR", cache.c_str(), 1);
    for (const auto* name : {"skiff-node:v1.36.3-000000000000", "skiff-node:v1.30.0-111111111111", "mine:1"}) {
      world.provider.image_references.insert(name);
    }
    kept = images::product_folder(images::find_recipe("hello").value()).value();
    for (const auto& folder : {kept, cache + "/images/node-000000000000", cache + "/parts/kube-000000000000"}) {
      EXPECT_TRUE(sys::make_folders(folder).ok());
    }
  }
  ~PruneTest() override { ::unsetenv("SKIFF_CACHE_DIR"); }

  bool has(const std::string& image) const { return world.provider.image_references.contains(image); }

  const std::string cache = temporary.path + "/cache";
  std::string kept;
};

TEST_F(PruneTest, WhatNobodyUsesGoes) {
  const auto told = prune_node_images(ctx, home, world.provider, true);
  ASSERT_TRUE(told.ok()) << told.error().what;
  EXPECT_EQ(told->images.size(), 2U);
  EXPECT_TRUE(has("skiff-node:v1.30.0-111111111111")) << "of a dry run nothing goes";

  const auto pruned = prune_node_images(ctx, home, world.provider, false);
  ASSERT_TRUE(pruned.ok()) << pruned.error().what;
  EXPECT_EQ(pruned->images, told->images);
  EXPECT_EQ(pruned->folders,
            (std::vector<std::string>{cache + "/images/node-000000000000", cache + "/parts/kube-000000000000"}));
  EXPECT_FALSE(has("skiff-node:v1.36.3-000000000000"));
  EXPECT_FALSE(sys::exists(cache + "/parts/kube-000000000000"));
  EXPECT_TRUE(has("mine:1")) << "nothing of skiff's";
  EXPECT_TRUE(has(own_image_reference(world.provider.traits_value)));
  EXPECT_TRUE(sys::exists(kept));
}

TEST_F(PruneTest, WhatAClusterIsMadeFromStays) {
  StartRequest request;
  request.node_image = "skiff-node:v1.36.3-000000000000";
  ASSERT_TRUE(start(request).ok());
  world.lose_machine("lab-cp1");  // the profile still has it
  const auto pruned = prune_node_images(ctx, home, world.provider, false);
  ASSERT_TRUE(pruned.ok()) << pruned.error().what;
  EXPECT_EQ(pruned->images, std::vector<std::string>{"skiff-node:v1.30.0-111111111111"});
}

TEST_F(PruneTest, AProfileThatCannotBeReadKeepsAll) {
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(sys::write_atomic(home.store.folder("lab") + "/profile.yaml", "format: [", 0600).ok());
  EXPECT_FALSE(prune_node_images(ctx, home, world.provider, false).ok());
  EXPECT_TRUE(has("skiff-node:v1.30.0-111111111111"));
}

}  // namespace
}  // namespace skiff::cluster
