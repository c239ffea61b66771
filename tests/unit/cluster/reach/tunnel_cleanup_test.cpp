// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/tunnel_cleanup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "cluster/lifecycle.h"
#include "net/hosts/hosts_file.h"
#include "sys/files.h"
#include "sys/unique_fd.h"
#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"
#include "tests/fakes/warnings.h"

namespace skiff::cluster {
namespace {

// The profile 'lab', whose tunnel was killed: a block in the hosts file and an address in a service's status.
class TunnelCleanupTest : public testing::Test {
 protected:
  TunnelCleanupTest() {
    EXPECT_TRUE(fakes::save_lab(home).ok());
    EXPECT_TRUE(sys::make_folders(tunnel_folder(home, "lab")).ok());
  }
  ~TunnelCleanupTest() override {
    set_immutable(stubborn_hosts, false);
    std::error_code ignored;
    std::filesystem::permissions(temporary.path + "/stubborn", std::filesystem::perms::owner_all, ignored);
  }

  // A file that not even root may edit; false where the file system has no such thing.
  static bool set_immutable(const std::string& file, bool immutable) {
    const sys::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    int flags = 0;
    if (fd.get() < 0 || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0) return false;
    flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    return ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0;
  }
  // Leaves a hosts file behind that this user cannot edit.
  bool leave_behind_for_good() {
    std::filesystem::create_directories(temporary.path + "/stubborn");
    leave_behind(stubborn_hosts);
    if (::geteuid() == 0) return set_immutable(stubborn_hosts, true);
    ::chmod(stubborn_hosts.c_str(), 0444);
    return ::chmod((temporary.path + "/stubborn").c_str(), 0555) == 0;
  }
  static void write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }
  void leave_behind(const std::string& hosts_file) {
    TunnelState state;
    state.hosts_file = hosts_file;
    state.written = {"default/web"};
    write(tunnel_file(tunnel_folder(home, "lab")), to_pretty_text(to_json(state)));
    write(hosts_file, net::set_hosts_block(before, "lab", {{"web.test", {}}}).text);
  }
  TunnelState state() const { return load_tunnel_state(tunnel_folder(home, "lab")); }
  std::string text_of(const std::string& file) const { return sys::read_file(file).value_or(""); }

  fakes::TemporaryHome temporary;
  const std::string before = "127.0.0.1 localhost\n";
  const std::string hosts = temporary.path + "/hosts";
  const std::string stubborn_hosts = temporary.path + "/stubborn/hosts";
  std::map<std::string, fakes::FakeDriver::Machine> machines;
  Home home = fakes::home_of_fakes(temporary.home(), [this](fakes::FakeDriver& driver) { driver.machines = machines; });
  fakes::Warnings events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(TunnelCleanupTest, TheHostsFileNeedsNoCluster) {
  leave_behind(hosts);
  ASSERT_TRUE(clean_after_tunnel(ctx, home, "lab", By::user).ok());
  EXPECT_EQ(text_of(hosts), before);
  EXPECT_EQ(state().written.size(), 1U) << "the statuses must be taken back once the API answers";
}

TEST_F(TunnelCleanupTest, WhatFailsIsToldAndStaysInTheState) {
  if (!leave_behind_for_good()) GTEST_SKIP() << "root may edit every file of this file system";
  const auto cleaned = clean_after_tunnel(ctx, home, "lab", By::user);
  ASSERT_FALSE(cleaned.ok());
  EXPECT_NE(cleaned.error().what.find(stubborn_hosts), std::string::npos) << cleaned.error().what;
  EXPECT_NE(cleaned.error().what.find("'# skiff lab'"), std::string::npos) << cleaned.error().what;
  EXPECT_EQ(state().hosts_file, stubborn_hosts);
}

TEST_F(TunnelCleanupTest, DoorsAreThoseOfAllAddonsOneForEachService) {
  const std::string mine = temporary.home() + "/addons/mine";
  std::filesystem::create_directories(mine + "/manifests");
  write(mine + "/addon.yaml",
        "summary: s\nmaintainer: me\ntunnel: {name: mine, namespace: home, service: door, ports: [8443]}\n");
  const auto doors = tunnel_doors(home);
  ASSERT_EQ(doors.size(), 2U);
  EXPECT_EQ(doors[0].name, "ingress") << "of gateway and ingress, which have one controller";
  EXPECT_EQ(key_of(doors[1]), (ServiceKey{"home", "door"}));
}

TEST_F(TunnelCleanupTest, DeleteTakesTheHostsBack) {
  leave_behind(hosts);
  ASSERT_TRUE(remove(ctx, home, "lab").ok());
  EXPECT_EQ(text_of(hosts), before);
  EXPECT_TRUE(events.texts.empty());
}

TEST_F(TunnelCleanupTest, DeleteGoesOnWhereTheyCannotBeTakenBack) {
  if (!leave_behind_for_good()) GTEST_SKIP() << "root may edit every file of this file system";
  ASSERT_TRUE(remove(ctx, home, "lab").ok());
  EXPECT_FALSE(sys::exists(home.store.folder("lab")));
  ASSERT_EQ(events.texts.size(), 1U);
  EXPECT_NE(events.texts[0].find("'# skiff lab'"), std::string::npos) << events.texts[0];
}

TEST_F(TunnelCleanupTest, DeleteNeedsNoApiAfterACrashedAgent) {
  leave_behind(hosts);
  machines["lab-cp1"].node = {
      {{"lab", ""}, "lab-cp1"}, Role::control_plane, drivers::NodeState::running, {}, "127.0.0.1:1", ""};
  write(tunnel_folder(home, "lab") + "/held.json", R"({"tunnel": {}})");
  const auto removed = remove(ctx, home, "lab");
  ASSERT_TRUE(removed.ok()) << removed.error().what;
  EXPECT_EQ(text_of(hosts), before);
}

}  // namespace
}  // namespace skiff::cluster
