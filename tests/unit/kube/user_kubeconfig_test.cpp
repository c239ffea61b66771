// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/parallel.h"
#include "base/strings.h"
#include "kube/kubeconfig.h"
#include "sys/files.h"

namespace skiff::kube {
namespace {

namespace fs = std::filesystem;

class UserKubeconfig : public testing::Test {
 protected:
  UserKubeconfig() {
    std::string folder = (fs::temp_directory_path() / "skiff-kubeconfig-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    path_ = folder_ + "/config";
    setenv("KUBECONFIG", path_.c_str(), 1);
  }
  ~UserKubeconfig() override {
    unsetenv("KUBECONFIG");
    fs::remove_all(folder_);
  }

  std::string text() const { return sys::read_file(path_).value(); }
  void write(const std::string& text) const { ASSERT_TRUE(sys::write_atomic(path_, text).ok()); }
  static mode_t mode(const std::string& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  static ino_t inode(const std::string& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  static Access access(const std::string& name) {
    static const KeyPair ca = make_authorities().value().cluster;
    static const KeyPair client = issue(ca, {.common_name = "admin", .client = true}).value();
    return {name, "https://10.1.0.2:6443", ca.cert_pem, client};
  }
  Result<void> remove(const std::string& name) { return remove_from_user_kubeconfig(ctx_, name, access(name).ca_pem); }
  Result<void> unset(const std::string& name) { return unset_in_user_kubeconfig(ctx_, name, access(name).ca_pem); }
  static Result<void> check(const std::string& name) { return check_user_kubeconfig(name, access(name).ca_pem); }

  NoEvents events_;
  Context ctx_{{}, Deadline::in(std::chrono::seconds(20)), &events_};
  std::string folder_;
  std::string path_;
};

TEST_F(UserKubeconfig, WhatCannotBeEditedIsToldBeforeAnythingIsMade) {
  const std::string flow_style = "# by hand\nclusters: [{name: x, cluster: {server: 'https://x'}}]\n";
  write(flow_style);
  const auto checked = check("lab");
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().id, ErrorId::kubeconfig_invalid);
  EXPECT_EQ(text(), flow_style);
  write("clusters:\n# by hand\n- {name: x, cluster: {server: 'https://x'}}\n");
  EXPECT_TRUE(check("lab").ok());
  EXPECT_TRUE(check_user_kubeconfig("lab", "").ok()) << "a cluster that is yet to be made";
}

TEST_F(UserKubeconfig, TheFileIsChosenAsKubectlDoes) {
  const std::string other = folder_ + "/other";
  setenv("KUBECONFIG", (":" + other + ":" + path_).c_str(), 1);
  EXPECT_EQ(user_kubeconfig_path("lab"), path_) << "none is there: the last";
  write("current-context: ''\n");
  EXPECT_EQ(user_kubeconfig_path("lab"), path_) << "the first that is there";
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  ASSERT_TRUE(sys::write_atomic(other, to_kubeconfig(access("prod"))).ok());
  EXPECT_EQ(user_kubeconfig_path("lab"), path_) << "where the entry is";
  EXPECT_EQ(user_kubeconfig_path("new"), other);

  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), true).ok());
  EXPECT_EQ(sys::read_file(other).value(), to_kubeconfig(access("prod")));
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_NE(sys::read_file(other)->find("current-context: lab\n"), std::string::npos);
  ASSERT_TRUE(remove("lab").ok());
  EXPECT_EQ(sys::read_file(other)->find("current-context: lab\n"), std::string::npos);
  EXPECT_EQ(text().find("lab"), std::string::npos);
  unsetenv("KUBECONFIG");
  EXPECT_TRUE(user_kubeconfig_path().ends_with("/.kube/config"));
}

TEST_F(UserKubeconfig, AHeldLockIsWaitedForAndNamed) {
  const std::string lock = path_ + ".lock";
  ASSERT_TRUE(sys::write_atomic(lock, "").ok());
  const auto refused = add_to_user_kubeconfig(ctx_.within(Duration(100)), access("lab"), false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::kubeconfig_busy);
  EXPECT_NE(refused.error().what.find(lock), std::string::npos);
  EXPECT_TRUE(sys::exists(lock)) << "it is another's";
  fs::remove(lock);
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  write("clusters: [\n");
  EXPECT_FALSE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_EQ(sys::list_folder(folder_), std::vector<std::string>{"config"}) << "no lock stays, also on failure";
}

TEST_F(UserKubeconfig, ALockThatAKilledSkiffHasLeftIsNone) {
  const std::string lock = path_ + ".lock";
  std::ofstream(lock) << "skiff\n";
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_FALSE(sys::exists(lock));

  std::ofstream(lock) << "skiff\n";
  const int fd = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0) << "as one that lives holds it";
  EXPECT_EQ(remove("lab").error().id, ErrorId::kubeconfig_busy);
  ::close(fd);
  EXPECT_TRUE(remove("lab").ok());
}

// The other writer as client-go does it: <file>.lock with O_EXCL, read, write, unlink.
TEST_F(UserKubeconfig, NothingOfAWriterThatLocksAsKubectlDoesIsLost) {
  write("contexts: []\nclusters: []\nusers: []\n");
  constexpr int rounds = 60;
  std::jthread other([&] {
    for (int i = 0; i < rounds; ++i) {
      int fd = -1;
      while ((fd = ::open((path_ + ".lock").c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0)) < 0) std::this_thread::yield();
      ::close(fd);
      std::ofstream out;
      const std::string text = sys::read_file(path_).value() + "x-" + std::to_string(i) + ": 1\n";
      out.open(path_);
      out << text;
      out.close();
      ::unlink((path_ + ".lock").c_str());
    }
  });
  for (int i = 0; i < rounds; ++i) {
    ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("c" + std::to_string(i)), true).ok());
  }
  other.join();
  for (int i = 0; i < rounds; ++i) {
    EXPECT_EQ(user_kubeconfig_state("c" + std::to_string(i), "https://10.1.0.2:6443").value(), KubeconfigState::right);
    EXPECT_NE(text().find("x-" + std::to_string(i) + ": 1\n"), std::string::npos) << i;
  }
}

TEST_F(UserKubeconfig, ANullDeviceTakesAllAndKeepsNothing) {
  if (::mknod(path_.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) GTEST_SKIP() << "only root makes device nodes";
  EXPECT_TRUE(check("lab").ok());
  EXPECT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_TRUE(unset("lab").ok());
  EXPECT_TRUE(remove("lab").ok());
  EXPECT_TRUE(fs::is_character_file(path_));
  EXPECT_EQ(sys::list_folder(folder_), std::vector<std::string>{"config"});
}

TEST_F(UserKubeconfig, AnotherClustersEntriesOfTheNameStay) {
  const KeyPair ca = make_authorities().value().cluster;
  const Access foreign{"lab", "https://far.example", ca.cert_pem,
                       issue(ca, {.common_name = "a", .client = true}).value()};
  write(to_kubeconfig(foreign));
  for (const auto& refused : {check("lab"), add_to_user_kubeconfig(ctx_, access("lab"), false)}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().id, ErrorId::kubeconfig_conflict);
  }
  EXPECT_TRUE(unset("lab").ok());
  EXPECT_TRUE(remove("lab").ok());
  EXPECT_EQ(text(), to_kubeconfig(foreign));
}

TEST_F(UserKubeconfig, ALinkToWhatIsNotThereYetStays) {
  fs::create_symlink("dot/config", path_);
  ASSERT_TRUE(check("lab").ok());
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(sys::read_file(folder_ + "/dot/config").value(), to_kubeconfig(access("lab")));
}

TEST_F(UserKubeconfig, MadeForTheUserAlone) {
  path_ = folder_ + "/new/folder/config";
  setenv("KUBECONFIG", path_.c_str(), 1);
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_EQ(text(), to_kubeconfig(access("lab")));
  EXPECT_EQ(mode(path_), 0600U);
  EXPECT_EQ(user_kubeconfig_state("lab", "https://10.1.0.2:6443").value(), KubeconfigState::right);
}

TEST_F(UserKubeconfig, NothingIsMadeForARemoval) {
  ASSERT_TRUE(remove("lab").ok());
  ASSERT_TRUE(unset("lab").ok());
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(user_kubeconfig_state("lab", "x").value(), KubeconfigState::missing);
  EXPECT_TRUE(check("lab").ok());
}

TEST_F(UserKubeconfig, AnUnchangedFileIsNotWritten) {
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  const auto before = inode(path_);
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  ASSERT_TRUE(remove("other").ok());
  EXPECT_EQ(inode(path_), before);
}

TEST_F(UserKubeconfig, ALinkStaysALinkAndTheModeStays) {
  const std::string real = folder_ + "/real";
  write(to_kubeconfig(access("prod")));
  fs::rename(path_, real);
  ASSERT_EQ(chmod(real.c_str(), 0640), 0);
  fs::create_symlink(real, path_);
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(mode(real), 0640U);
  ASSERT_TRUE(unset("lab").ok());
  ASSERT_TRUE(remove("lab").ok());
  EXPECT_EQ(text(), replace_all(to_kubeconfig(access("prod")), "current-context: prod", "current-context: \"\""));
}

TEST_F(UserKubeconfig, ADamagedFileIsLeftAlone) {
  write("clusters: [\n");
  for (const auto& refused :
       {add_to_user_kubeconfig(ctx_, access("lab"), false), check("lab"), remove("lab"), unset("lab")}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().id, ErrorId::kubeconfig_invalid);
    EXPECT_NE(refused.error().what.find(path_ + ":2"), std::string::npos) << refused.error().what;
  }
  EXPECT_EQ(text(), "clusters: [\n");
}

TEST_F(UserKubeconfig, NoWriterLosesAnothersEntry) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  ASSERT_TRUE(parallel_for(ctx_, names, [](const Context& ctx, const std::string& name) {
                return add_to_user_kubeconfig(ctx, access(name), true);
              }).ok());
  for (const auto& name : names) {
    EXPECT_EQ(user_kubeconfig_state(name, "https://10.1.0.2:6443").value(), KubeconfigState::right) << name;
  }
}

}  // namespace
}  // namespace skiff::kube
