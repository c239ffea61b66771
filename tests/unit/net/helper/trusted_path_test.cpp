// SPDX-License-Identifier: Apache-2.0
#include "net/helper/trusted_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

namespace fs = std::filesystem;

// A tree of this user's own below a sticky folder, as most temporary folders are.
class TrustedPathTest : public testing::Test {
 protected:
  TrustedPathTest() {
    fs::create_directories(folder.path("etc"));
    fs::create_directories(folder.path("static"));
    write_file(file, "127.0.0.1 localhost\n");
    ::chmod(folder.path("etc").c_str(), 0755);
    ::chmod(folder.path("static").c_str(), 0755);
  }
  std::optional<std::string> bad_part(const std::string& path) const {
    return part_that_others_may_change(path, ::geteuid());
  }

  TempFolder folder;
  const std::string file = folder.path("etc/hosts");
};

TEST_F(TrustedPathTest, AFileInFoldersOfOneOwnerIsHis) {
  EXPECT_EQ(bad_part(file), std::nullopt);
  EXPECT_EQ(bad_part(folder.path("etc/../etc//./hosts")), std::nullopt);
}

TEST_F(TrustedPathTest, FollowsLinksOfTheOwner) {
  fs::rename(file, folder.path("static/hosts"));
  fs::create_symlink("../static/hosts", file);  // as on NixOS
  EXPECT_EQ(bad_part(file), std::nullopt);
  fs::create_symlink(folder.path("etc"), folder.path("absolute"));
  EXPECT_EQ(bad_part(folder.path("absolute/hosts")), std::nullopt);
}

TEST_F(TrustedPathTest, NamesTheFirstPartThatOthersMayChange) {
  ::chmod(file.c_str(), 0666);
  EXPECT_EQ(bad_part(file), file);
  ::chmod(folder.path("etc").c_str(), 0777);
  EXPECT_EQ(bad_part(file), folder.path("etc"));
  ::chmod(folder.path("etc").c_str(), 01777);
  EXPECT_EQ(bad_part(file), file) << "a sticky folder's names are their owners'";
}

TEST_F(TrustedPathTest, WhatALinkLeadsToCountsToo) {
  ::chmod(folder.path("static").c_str(), 0777);
  fs::rename(file, folder.path("static/hosts"));
  fs::create_symlink("../static/hosts", file);
  EXPECT_EQ(bad_part(file), folder.path("static"));
}

TEST_F(TrustedPathTest, WhatIsMissingOrEndlessIsNotTrusted) {
  EXPECT_EQ(bad_part(folder.path("etc/none")), folder.path("etc/none"));
  fs::create_symlink("loop", folder.path("etc/loop"));
  EXPECT_EQ(bad_part(folder.path("etc/loop")), folder.path("etc/loop"));
  EXPECT_EQ(bad_part("hosts"), "hosts");
}

TEST_F(TrustedPathTest, AnotherUsersPartsAreNotTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(::chown(folder.path("etc").c_str(), nobody, nobody), 0);
  EXPECT_EQ(bad_part(file), folder.path("etc"));
  EXPECT_EQ(part_that_others_may_change(file, nobody), std::nullopt);
}

}  // namespace
}  // namespace skiff::net::test
