#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

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
  static Access access(const std::string& name) { return {name, "https://10.1.0.2:6443", "ca", {"cert", "key"}}; }

  NoEvents events_;
  Context ctx_{{}, Deadline::in(std::chrono::seconds(20)), &events_};
  std::string folder_;
  std::string path_;
};

TEST_F(UserKubeconfig, TheFirstFileOfTheList) {
  setenv("KUBECONFIG", (":" + path_ + ":/elsewhere").c_str(), 1);
  EXPECT_EQ(user_kubeconfig_path(), path_);
  unsetenv("KUBECONFIG");
  EXPECT_TRUE(user_kubeconfig_path().ends_with("/.kube/config"));
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
  ASSERT_TRUE(remove_from_user_kubeconfig(ctx_, "lab").ok());
  ASSERT_TRUE(unset_in_user_kubeconfig(ctx_, "lab").ok());
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(user_kubeconfig_state("lab", "x").value(), KubeconfigState::missing);
  EXPECT_TRUE(check_user_kubeconfig().ok());
}

TEST_F(UserKubeconfig, AnUnchangedFileIsNotWritten) {
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  const auto before = inode(path_);
  ASSERT_TRUE(add_to_user_kubeconfig(ctx_, access("lab"), false).ok());
  ASSERT_TRUE(remove_from_user_kubeconfig(ctx_, "other").ok());
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
  ASSERT_TRUE(unset_in_user_kubeconfig(ctx_, "lab").ok());
  ASSERT_TRUE(remove_from_user_kubeconfig(ctx_, "lab").ok());
  EXPECT_EQ(text(), replace_all(to_kubeconfig(access("prod")), "current-context: prod", "current-context: \"\""));
}

TEST_F(UserKubeconfig, ADamagedFileIsLeftAlone) {
  write("clusters: [\n");
  for (const auto& refused : {add_to_user_kubeconfig(ctx_, access("lab"), false), check_user_kubeconfig(),
                              remove_from_user_kubeconfig(ctx_, "lab"), unset_in_user_kubeconfig(ctx_, "lab")}) {
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
