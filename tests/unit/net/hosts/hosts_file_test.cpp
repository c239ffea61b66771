// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

const std::vector<HostsEntry> hello = {{"helloworld.test", {{0x7F000001}, false}}};
constexpr std::string_view system_lines = "127.0.0.1 localhost\n";
const std::string with_block =
    std::string(system_lines) + "# skiff lab begin\n127.0.0.1 helloworld.test # skiff lab\n# skiff lab end\n";

Result<std::vector<HostsConflict>> set(const std::string& path) {
  return update_hosts_file(context(), path, "lab", hello);
}

TEST(HostsFile, SetsAndClearsAndKeepsTheMode) {
  const TempFolder folder;
  const std::string path = folder.path("hosts");
  write_file(path, system_lines, 0640);
  ASSERT_TRUE(set(path).ok());
  EXPECT_EQ(read_file(path), with_block);
  EXPECT_TRUE(has_hosts_block(path, "lab"));
  EXPECT_FALSE(has_hosts_block(path, "other"));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);

  ASSERT_TRUE(clear_hosts_file(context(), path, "lab").ok());
  EXPECT_EQ(read_file(path), system_lines);
  EXPECT_FALSE(has_hosts_block(path, "lab"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "something was left behind";
}

TEST(HostsFile, WritesNothingWhenNothingChanges) {
  const TempFolder folder;
  const std::string path = folder.path("hosts");
  write_file(path, with_block);
  struct stat before{};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  ASSERT_TRUE(set(path).ok());
  struct stat after{};
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST(HostsFile, FollowsASymlink) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path("real"));
  write_file(folder.path("real/hosts"), system_lines);
  std::filesystem::create_symlink("real/hosts", folder.path("hosts"));
  ASSERT_TRUE(set(folder.path("hosts")).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("hosts")));
  EXPECT_EQ(read_file(folder.path("real/hosts")), with_block);
}

TEST(HostsFile, ALinkToWhatIsNotThereYetStays) {
  const TempFolder folder;
  std::filesystem::create_symlink("real", folder.path("hosts"));
  ASSERT_TRUE(set(folder.path("hosts")).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("hosts")));
  EXPECT_EQ(read_file(folder.path("real")), with_block.substr(system_lines.size()));
}

TEST(HostsFile, WhatIsNoFileIsRefused) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("hosts").c_str(), 0600), 0);
  EXPECT_EQ(set(folder.path("hosts")).error().id, ErrorId::host_error);
  struct stat status{};
  ASSERT_EQ(::stat(folder.path("hosts").c_str(), &status), 0);
  EXPECT_TRUE(S_ISFIFO(status.st_mode));
  EXPECT_FALSE(has_hosts_block(folder.path("hosts"), "lab"));
}

TEST(HostsFile, MakesAnAbsentFile) {
  const TempFolder folder;
  ASSERT_TRUE(set(folder.path("hosts")).ok());
  EXPECT_EQ(read_file(folder.path("hosts")), with_block.substr(system_lines.size()));
}

TEST(HostsFile, GivesTheConflicts) {
  const TempFolder folder;
  write_file(folder.path("hosts"), "10.0.0.1 helloworld.test\n");
  const auto conflicts = set(folder.path("hosts"));
  ASSERT_TRUE(conflicts.ok());
  EXPECT_EQ(*conflicts, (std::vector<HostsConflict>{{"helloworld.test", "10.0.0.1", 1}}));
}

TEST(HostsFile, EditsOfManyProfilesAtATimeAreAllKept) {
  const TempFolder folder;
  const std::string path = folder.path("hosts");
  write_file(path, system_lines);
  constexpr int count = 8;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        const std::string profile = "lab" + std::to_string(i);
        EXPECT_TRUE(update_hosts_file(context(), path, profile, {{profile + ".test", {{0x7F000001}, false}}}).ok());
      });
    }
  }
  for (int i = 0; i < count; ++i) EXPECT_TRUE(has_hosts_block(path, "lab" + std::to_string(i))) << i;
}

TEST(HostsFile, WaitsForAnotherEditOnlySoLong) {
  const TempFolder folder;
  write_file(folder.path("hosts"), system_lines);
  const sys::UniqueFd other(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  const auto edited = update_hosts_file(context(std::chrono::milliseconds(50)), folder.path("hosts"), "lab", hello);
  ASSERT_FALSE(edited.ok());
  EXPECT_EQ(edited.error().id, ErrorId::timeout);
  EXPECT_EQ(read_file(folder.path("hosts")), system_lines);
}

// Runs in a process of its own, without root's rights, and ends it with 0 when all is as it should be.
template <class Check>
void as_ordinary_user(const Check& check) {
  if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
  ::_exit(check() ? 0 : 1);
}

TEST(HostsFile, SaysThatItMayNotWriteOrRead) {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  write_file(folder.path("hosts"), system_lines, ::geteuid() == 0 ? 0644 : 0444);
  write_file(folder.path("secret"), system_lines, 0000);
  const auto refused = [&](const char* name) {
    const auto edited = set(folder.path(name));
    return !edited.ok() && edited.error().id == ErrorId::permission && !may_write_hosts_file(folder.path(name));
  };
  EXPECT_EXIT(as_ordinary_user([&] { return refused("hosts"); }), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(as_ordinary_user([&] { return refused("secret"); }), testing::ExitedWithCode(0), "");
  EXPECT_EQ(read_file(folder.path("hosts")), system_lines);
}

TEST(HostsFile, RewritesInPlaceWhereTheFolderIsNotOurs) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path("etc"));
  write_file(folder.path("etc/hosts"), system_lines, 0666);
  std::filesystem::permissions(folder.path("etc"), std::filesystem::perms(0555));
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const auto edits = [&] {
    const std::string path = folder.path("etc/hosts");
    return may_write_hosts_file(path) && set(path).ok() && read_file(path) == with_block &&
           clear_hosts_file(context(), path, "lab").ok() && read_file(path) == system_lines;
  };
  EXPECT_EXIT(as_ordinary_user(edits), testing::ExitedWithCode(0), "");
}

TEST(HostsFile, RewritesABindMountInPlace) {
  const TempFolder folder;
  write_file(folder.path("hosts"), system_lines);
  write_file(folder.path("mounted"), "");
  const auto edits = [&] {
    const std::string path = folder.path("mounted");
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(folder.path("hosts").c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      ::_exit(77);
    }
    const bool good = set(path).ok() && read_file(path) == with_block &&
                      read_file(folder.path("hosts")) == with_block && clear_hosts_file(context(), path, "lab").ok() &&
                      read_file(path) == system_lines;
    ::_exit(good ? 0 : 1);
  };
  if (::geteuid() != 0) GTEST_SKIP() << "bind mounts need root";
  EXPECT_EXIT(edits(), testing::ExitedWithCode(0), "");
}

TEST(HostsFile, AFullDiskLeavesABindMountAsItWas) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounts need root";
  const TempFolder folder;
  const auto edits = [&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=16k") != 0) {
      ::_exit(77);
    }
    const std::string full(4096, '#');
    write_file(folder.path("hosts"), full + "\n");
    write_file(folder.path("mounted"), "");
    write_file(folder.path("filler"), std::string(64 * 1024, 'x'));
    if (::mount(folder.path("hosts").c_str(), folder.path("mounted").c_str(), nullptr, MS_BIND, nullptr) != 0)
      ::_exit(77);
    std::vector<HostsEntry> many;
    for (int i = 0; i < 200; ++i) many.push_back({"host" + std::to_string(i) + ".test", {{0x7F000001}, false}});
    const auto edited = update_hosts_file(context(), folder.path("mounted"), "lab", many);
    const bool good =
        !edited.ok() && edited.error().id == ErrorId::disk_full && read_file(folder.path("hosts")) == full + "\n";
    ::_exit(good ? 0 : 1);
  };
  EXPECT_EXIT(edits(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace skiff::net::test
