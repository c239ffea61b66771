// SPDX-License-Identifier: Apache-2.0
#include "sys/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <thread>

#include "sys/hash.h"

namespace skiff::sys {
namespace {

namespace fs = std::filesystem;

struct FilesTest : testing::Test {
  void SetUp() override { ASSERT_TRUE(make_folders(folder).ok()); }
  void TearDown() override { fs::remove_all(folder); }
  mode_t mode(const std::string& path) const {
    struct stat info{};
    ::stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};
  std::string folder = (fs::temp_directory_path() / ("skiff-files-" + random_hex(4))).string();
  std::string file = folder + "/file";
};

TEST_F(FilesTest, NewFilesArePrivateAndReplacedOnesKeepTheirMode) {
  ASSERT_TRUE(write_atomic(file, "one").ok());
  EXPECT_EQ(mode(file), 0600U);
  ::chmod(file.c_str(), 0644);
  ASSERT_TRUE(write_atomic(file, "two").ok());
  EXPECT_EQ(mode(file), 0644U);
  EXPECT_EQ(*read_file(file), "two");
  EXPECT_EQ(list_folder(folder), std::vector<std::string>{"file"}) << "nothing else is left beside it";
}

TEST_F(FilesTest, ASymlinkIsFollowedNotReplaced) {
  ASSERT_TRUE(write_atomic(file, "one").ok());
  fs::create_symlink("file", folder + "/link");
  ASSERT_TRUE(write_atomic(folder + "/link", "two").ok());
  EXPECT_TRUE(fs::is_symlink(folder + "/link"));
  EXPECT_EQ(*read_file(file), "two");
}

TEST_F(FilesTest, WhatCannotBeReadOrWrittenIsNamed) {
  EXPECT_EQ(write_atomic("/dev/full/x", "").error().id, ErrorId::host_error);
  const auto absent = read_file_if_there(folder + "/none");
  ASSERT_TRUE(absent.ok());
  EXPECT_FALSE(absent->has_value());
  EXPECT_EQ(read_file(folder + "/none").error().id, ErrorId::host_error);
}

TEST_F(FilesTest, TheSecondLockWaitsAndSaysSo) {
  int waits = 0;
  {
    const auto first = Lock::acquire(ctx, file, nullptr);
    ASSERT_TRUE(first.ok());
    const auto second = Lock::acquire(ctx.within(Duration(120)), file, [&] { ++waits; });
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().id, ErrorId::profile_busy) << second.error().what;
    EXPECT_EQ(waits, 1);
  }
  EXPECT_TRUE(Lock::acquire(ctx, file, [&] { ++waits; }).ok());
  EXPECT_EQ(waits, 1);
}

TEST_F(FilesTest, ALockWhoseFileWasRemovedKeepsNobodyOut) {
  auto first = Lock::acquire(ctx, file, nullptr);
  ASSERT_TRUE(first.ok());
  std::optional<Result<Lock>> second;
  {
    std::jthread other([&] { second = Lock::acquire(ctx, file, [&] { fs::remove(file); }); });
  }
  ASSERT_TRUE(second->ok());
  EXPECT_FALSE(Lock::acquire(ctx.within(Duration(120)), file, nullptr).ok()) << "and the new one keeps others out";
}

TEST_F(FilesTest, HashesAreSha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(random_hex(8), random_hex(8));
}

}  // namespace
}  // namespace skiff::sys
