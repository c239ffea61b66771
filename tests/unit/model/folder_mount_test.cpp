// SPDX-License-Identifier: Apache-2.0
#include "model/folder_mount.h"

#include <gtest/gtest.h>

#include "model/profile.h"

namespace skiff {
namespace {

std::string parsed(std::string_view text) {
  const auto mount = parse_folder_mount(text);
  return mount.ok() ? mount->from + " > " + mount->to : "refused: " + mount.error().what;
}

TEST(FolderMount, IsDividedAtTheLastColon) {
  EXPECT_EQ(parsed("/srv/src:/src"), "/srv/src > /src");
  EXPECT_EQ(parsed(".:/mnt/src"), ". > /mnt/src");
  EXPECT_EQ(parsed("/a:b:/c"), "/a:b > /c");
  EXPECT_EQ(parsed("/a:/b//c/"), "/a > /b/c");
  EXPECT_EQ(parsed("/with space:/mnt/with space"), "/with space > /mnt/with space");
}

TEST(FolderMount, WhatIsNoMountIsRefused) {
  for (const auto* text : {"", "/a", ":", ":/b", "/a:", "/a:b", "/a:./b", "/a:/b/../c", "/a:/b/.", "/a:/b\n"}) {
    const auto mount = parse_folder_mount(text);
    ASSERT_FALSE(mount.ok()) << text;
    EXPECT_EQ(mount.error().id, ErrorId::usage) << text;
    EXPECT_FALSE(mount.error().advice.empty()) << text;
  }
}

TEST(FolderMount, WhatANodeLivesOfIsNotCovered) {
  for (const auto* to : {"/", "//", "/etc", "/etc/x", "/usr/local", "/proc/1", "/run", "/var", "/var/lib", "/tmp",
                         "/var/lib/kubelet", "/var/lib/containerd/x", "/skiff", "/dev/shm", "/var/log/pods"}) {
    EXPECT_FALSE(parse_folder_mount(std::string("/a:") + to).ok()) << to;
  }
  for (const auto* to : {"/minikube-host", "/mnt", "/data", "/tmp/x", "/var/lib/mysql", "/home/ann", "/etcetera"}) {
    EXPECT_TRUE(parse_folder_mount(std::string("/a:") + to).ok()) << to;
  }
}

TEST(FolderMount, IsKeptInTheProfile) {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "docker";
  spec.kubernetes_version = "v1";
  spec.node_image = "image";
  EXPECT_EQ(to_profile_yaml(spec).find("mounts"), std::string::npos);
  spec.mounts = {{"/srv/a b", "/mnt/a"}, {"/opt/x", "/srv"}};
  const auto read = parse_profile_yaml(to_profile_yaml(spec), "profile.yaml");
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->mounts, spec.mounts);

  for (const auto* wrong : {"mounts: [7]\n", "mounts: [\"a:/b\"]\n", "mounts: [\"/a:/etc\"]\n"}) {
    ClusterSpec plain = spec;
    plain.mounts.clear();
    const auto refused = parse_profile_yaml(to_profile_yaml(plain) + wrong, "profile.yaml");
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().id, ErrorId::config_invalid);
    EXPECT_NE(refused.error().what.find("'mounts'"), std::string::npos);
  }
}

}  // namespace
}  // namespace skiff
