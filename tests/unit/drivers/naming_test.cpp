// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/naming.h"

#include <gtest/gtest.h>

namespace skiff::drivers {
namespace {

TEST(Naming, LabelsDescribeANodeCompletely) {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.id = "c4f0";
  spec.owner = "ann (/home/ann/.skiff)";
  spec.node_image = "skiff-node:v1";
  const NodeSpec node{{"lab-w1", Role::worker}, {0xC0A8500C}, {{0x0AF40200}, 24}};
  const auto seen = node_from(node_labels(spec, node), NodeState::stopped);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->id.cluster, ClusterId("lab", "c4f0"));
  EXPECT_EQ(seen->owner, spec.owner);
  EXPECT_EQ(seen->id.name, "lab-w1");
  EXPECT_EQ(seen->role, Role::worker);
  EXPECT_EQ(seen->state, NodeState::stopped);
  EXPECT_EQ(seen->address, node.address);
  EXPECT_EQ(seen->image, "skiff-node:v1");
  EXPECT_EQ(seen->api, "") << "a worker has no API";
}

TEST(Naming, ADiskMayNeedAnotherImageThanItsNodeHas) {
  Labels labels = node_labels({}, {{"lab-w1", Role::worker}, {}, {}});
  labels[std::string(label::cluster)] = "lab";
  EXPECT_EQ(node_from(labels, NodeState::stopped)->disk_image, "");
  labels[std::string(label::disk_image)] = "skiff-machine:v1";
  EXPECT_EQ(node_from(labels, NodeState::stopped)->disk_image, "skiff-machine:v1");
}

TEST(Naming, ApiOfAControlPlaneIsAtItsAddress) {
  ClusterSpec spec;
  spec.profile = "lab";
  const NodeSpec node{{"lab-cp1", Role::control_plane}, {0xC0A85002}, {}};
  EXPECT_EQ(node_from(node_labels(spec, node), NodeState::running)->api, "192.168.80.2:6443");
  spec.kubernetes.api_port = 8443;
  EXPECT_EQ(node_from(node_labels(spec, node), NodeState::running)->api, "192.168.80.2:8443");
}

TEST(Naming, AnImageOfAnotherTreeFormatSaysWhichSideToRenew) {
  const NodeImage image{.reference = "skiff-node:v1", .rootfs_tar = {}, .tree_format = 2};
  EXPECT_TRUE(check_tree_format(image, 2).ok());
  const auto older = check_tree_format(image, 1);
  EXPECT_EQ(older.error().id, ErrorId::image_unsupported);
  EXPECT_NE(older.error().what.find("an older skiff"), std::string::npos);
  EXPECT_EQ(older.error().advice.rfind("Renew the cluster", 0), 0U);
  EXPECT_EQ(check_tree_format(image, 3).error().advice.rfind("Renew this skiff", 0), 0U);
}

TEST(Naming, ForeignLabelsAreNoNode) {
  EXPECT_FALSE(node_from({}, NodeState::running).has_value());
  EXPECT_FALSE(node_from({{"com.example", "x"}}, NodeState::running).has_value());
  ClusterSpec spec;
  spec.profile = "lab";
  EXPECT_FALSE(node_from(cluster_labels(spec), NodeState::running).has_value()) << "a cluster's volume is no node";
}

TEST(Naming, ClustersFromBeforeThereWereIdsHaveNone) {
  ClusterSpec spec;
  spec.profile = "lab";
  EXPECT_EQ(cluster_labels(spec), (Labels{{"dev.skiff.cluster", "lab"}}));
  EXPECT_EQ(cluster_in(cluster_labels(spec)), identity_of(spec));
  spec.id = "c4f0";
  EXPECT_NE(cluster_in({{"dev.skiff.cluster", "lab"}}), identity_of(spec));
}

TEST(Naming, WhatIsInTheWaySaysWhoseItIs) {
  const auto theirs = not_ours("The volume 'x'", {{"dev.skiff.cluster", "lab"}, {"dev.skiff.owner", "ann (/a)"}}, "Go");
  EXPECT_EQ(theirs.id, ErrorId::name_conflict);
  EXPECT_NE(theirs.what.find("of ann (/a)"), std::string::npos) << theirs.what;
  EXPECT_NE(theirs.advice.find("skiff profile adopt lab"), std::string::npos) << theirs.advice;
  EXPECT_NE(not_ours("The volume 'x'", {}, "Remove it").advice.find("Remove it, or"), std::string::npos);
}

TEST(Naming, ReferencesSplitAtTheTag) {
  EXPECT_EQ(tag_of("skiff-node:v1.37.2-abc"), "v1.37.2-abc");
  EXPECT_EQ(repository_of("skiff-node:v1.37.2-abc"), "skiff-node");
  EXPECT_EQ(tag_of("skiff-node"), "latest");
  EXPECT_EQ(tag_of("host:5000/skiff-node"), "latest");
  EXPECT_EQ(repository_of("host:5000/skiff-node"), "host:5000/skiff-node");
  EXPECT_EQ(tag_of("host:5000/skiff-node:x"), "x");
}

}  // namespace
}  // namespace skiff::drivers
