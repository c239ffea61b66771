// SPDX-License-Identifier: Apache-2.0
#include "sys/user_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::sys {
namespace {

namespace fs = std::filesystem;

struct UserFile : testing::Test {
  void SetUp() override { ASSERT_TRUE(make_folders(folder).ok()); }
  void TearDown() override {
    ::chmod(folder.c_str(), 0700);
    fs::remove_all(folder);
  }
  static struct stat status(const std::string& path) {
    struct stat info{};
    ::lstat(path.c_str(), &info);
    return info;
  }
  void fill(const std::string& text) const { std::ofstream(file) << text; }
  std::string folder = (fs::temp_directory_path() / ("skiff-user-file-" + random_hex(4))).string();
  std::string file = folder + "/config";
};

TEST_F(UserFile, IsReplacedAtOnceAndKeepsItsMode) {
  ASSERT_TRUE(write_user_file(file, "one").ok());
  EXPECT_EQ(status(file).st_mode & 07777, 0600U);
  ::chmod(file.c_str(), 0644);
  const auto before = status(file);
  ASSERT_TRUE(write_user_file(file, "two").ok());
  EXPECT_EQ(status(file).st_mode & 07777, 0644U);
  EXPECT_NE(status(file).st_ino, before.st_ino);
  EXPECT_EQ(*read_file(file), "two");
  EXPECT_EQ(list_folder(folder), std::vector<std::string>{"config"}) << "nothing else is left beside it";
}

TEST_F(UserFile, ALinkToWhatIsNotThereYetStays) {
  fs::create_symlink("middle", file);
  fs::create_symlink("dot/files/real", folder + "/middle");
  EXPECT_EQ(*file_kind(file), FileKind::absent);
  EXPECT_TRUE(check_user_file(file).ok());
  ASSERT_TRUE(write_user_file(file, "one").ok());
  EXPECT_TRUE(fs::is_symlink(file));
  EXPECT_TRUE(fs::is_symlink(folder + "/middle"));
  EXPECT_EQ(*read_file(folder + "/dot/files/real"), "one");
  ASSERT_TRUE(write_user_file(file, "two").ok());
  EXPECT_EQ(*read_file(folder + "/dot/files/real"), "two");
}

TEST_F(UserFile, ALinkWithoutEndIsAnError) {
  fs::create_symlink("config", file);
  EXPECT_EQ(write_user_file(file, "x").error().id, ErrorId::host_error);
  EXPECT_TRUE(fs::is_symlink(file));
}

TEST_F(UserFile, ASecondNameSeesTheNewText) {
  fill("a longer text");
  fs::create_hard_link(file, folder + "/other");
  ASSERT_TRUE(write_user_file(file, "one").ok());
  EXPECT_EQ(*read_file(folder + "/other"), "one");
}

TEST_F(UserFile, WhatIsNoFileIsNeitherReplacedNorRead) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(*file_kind(file), FileKind::other);
  EXPECT_EQ(write_user_file(file, "x").error().id, ErrorId::host_error);
  EXPECT_FALSE(check_user_file(file).ok());
  EXPECT_TRUE(S_ISFIFO(status(file).st_mode));
  EXPECT_EQ(write_user_file(folder, "x").error().id, ErrorId::host_error);
  EXPECT_TRUE(fs::is_directory(folder));
}

TEST_F(UserFile, ADeviceStaysOne) {
  if (::mknod(file.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) GTEST_SKIP() << "only root makes device nodes";
  EXPECT_EQ(*file_kind(file), FileKind::null_device);
  EXPECT_TRUE(check_user_file(file).ok());
  EXPECT_EQ(write_user_file(file, "x").error().id, ErrorId::host_error);
  EXPECT_TRUE(S_ISCHR(status(file).st_mode));
}

// As somebody who is not root: the group cannot be given away, the folder or the file cannot be written.
class AsPlainUser : public UserFile {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    UserFile::SetUp();
    fill("old");
    ::chmod(file.c_str(), 0600);
  }
  void become_plain() {
    ASSERT_EQ(::setegid(plain), 0);
    ASSERT_EQ(::seteuid(plain), 0);
  }
  void TearDown() override {
    if (::seteuid(0) != 0 || ::setegid(0) != 0) FAIL() << "root no more";
    UserFile::TearDown();
  }
  static constexpr uid_t plain = 54321;
};

TEST_F(AsPlainUser, AGroupThatCannotBeKeptByAReplacementIsKeptInPlace) {
  ASSERT_EQ(::chown(folder.c_str(), plain, plain), 0);
  ASSERT_EQ(::chown(file.c_str(), plain, 0), 0);
  become_plain();
  EXPECT_TRUE(check_user_file(file).ok());
  const auto written = write_user_file(file, "new text");
  ASSERT_TRUE(written.ok()) << written.error().what;
  EXPECT_EQ(*read_file(file), "new text");
  EXPECT_EQ(status(file).st_gid, 0U);
  EXPECT_EQ(list_folder(folder), std::vector<std::string>{"config"});
}

TEST_F(AsPlainUser, AFolderOfSomebodyElseIsNoHindrance) {
  ::chmod(folder.c_str(), 0755);
  ASSERT_EQ(::chown(file.c_str(), plain, plain), 0);
  become_plain();
  ASSERT_TRUE(write_user_file(file, "n").ok());
  EXPECT_EQ(*read_file(file), "n");
  EXPECT_EQ(check_user_file(folder + "/new").error().id, ErrorId::permission);
}

TEST_F(AsPlainUser, AFileThatMayNotBeWrittenIsNotReplaced) {
  ASSERT_EQ(::chown(folder.c_str(), plain, plain), 0);
  ::chmod(file.c_str(), 0644);
  become_plain();
  EXPECT_EQ(check_user_file(file).error().id, ErrorId::permission);
  EXPECT_EQ(write_user_file(file, "x").error().id, ErrorId::permission);
  EXPECT_EQ(*read_file(file), "old");
}

}  // namespace
}  // namespace skiff::sys
