// SPDX-License-Identifier: Apache-2.0
#include "model/file_tree.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace skiff {
namespace {

TEST(FileTree, TarIsWhatTarReads) {
  FileTree tree;
  const std::string long_folder = "/" + std::string(90, 'd') + "/" + std::string(60, 'e');
  tree.add("/etc/skiff/ready", "");
  tree.add("/etc/skiff/run", "#!/bin/sh\n", 0755);
  tree.add(long_folder + "/file", std::string(513, 'x'), 0600);

  const auto folder = std::filesystem::temp_directory_path() / "skiff-file-tree-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "t.tar", std::ios::binary) << to_tar(tree);
  const std::string command = "tar -C " + folder.string() + " -xf " + (folder / "t.tar").string();
  ASSERT_EQ(std::system(command.c_str()), 0);

  std::ostringstream content;
  content << std::ifstream(folder.string() + long_folder + "/file").rdbuf();
  EXPECT_EQ(content.str(), std::string(513, 'x'));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "etc/skiff/run").permissions(), perms(0755));
  EXPECT_TRUE(std::filesystem::exists(folder / "etc/skiff/ready"));
  std::filesystem::remove_all(folder);
}

TEST(FileTree, NamesAboveUstarsLimitsStayWhole) {
  FileTree tree;
  const std::string names[] = {"/" + std::string(150, 'n'), "/" + std::string(200, 'd') + "/" + std::string(120, 'e'),
                               "/a/" + std::string(90, 'f') + "/" + std::string(99, 'g')};
  for (const auto& name : names) tree.add(name, "of " + name);
  const auto folder = std::filesystem::temp_directory_path() / "skiff-file-tree-long-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "t.tar", std::ios::binary) << to_tar(tree);
  ASSERT_EQ(std::system(("tar -C " + folder.string() + " -xf " + (folder / "t.tar").string()).c_str()), 0);
  for (const auto& name : names) {
    std::ostringstream content;
    content << std::ifstream(folder.string() + name).rdbuf();
    EXPECT_EQ(content.str(), "of " + name);
  }
  std::filesystem::remove_all(folder);
}

TEST(FileTree, EqualTreesGiveEqualBytes) {
  FileTree tree;
  tree.add("/a/b", "c");
  EXPECT_EQ(to_tar(tree), to_tar(tree));
}

}  // namespace
}  // namespace skiff
