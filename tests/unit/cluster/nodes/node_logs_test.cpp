// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_logs.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/strings.h"
#include "sys/files.h"
#include "sys/process.h"
#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

// Commands run on this host, with a folder in the place of /var/log.
class NodeLogsTest : public testing::Test {
 protected:
  NodeLogsTest() {
    EXPECT_TRUE(fakes::save_lab(home).ok());
    write("etcd.log", "one\nno space left on device\nthree\n");
    write("kubelet/@400001.u", "older\n");
    write("kubelet/current", "E0101 something amid a start\nF0101 00:00:00.1 the end\n");
    std::filesystem::create_symlink("kubelet/current", folder + "/kubelet.log");
  }
  ~NodeLogsTest() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder + "/" + name).parent_path());
    ASSERT_TRUE(sys::write_atomic(folder + "/" + name, content).ok());
  }
  std::optional<int> run(const drivers::ExecRequest& request) {
    sys::Command command;
    for (const auto& word : request.argv) command.argv.push_back(replace_all(word, "/var/log", folder));
    const auto ran = sys::run(ctx, command);  // its standard input is empty
    if (!ran.ok()) return 255;
    for (std::size_t at = 0; at < ran->out.size(); at += 7) request.out(std::string_view(ran->out).substr(at, 7));
    return ran->exit_code;
  }
  Result<void> show(const LogOptions& options) {
    text.clear();
    return logs(ctx, home, "lab", options, [&](std::string_view piece) { text += piece; });
  }

  fakes::TemporaryHome temporary;
  const std::string folder = temporary.path + "/log";
  Home home = fakes::home_of_fakes(temporary.home(), [this](fakes::FakeDriver& driver) {
    driver.machines["lab-cp1"].node = {
        {{"lab", ""}, "lab-cp1"}, Role::control_plane, drivers::NodeState::running, {}, "", ""};
    driver.command = [this](const drivers::NodeId&, const drivers::ExecRequest& request) { return run(request); };
  });
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(30)), &events};
  std::string text;
};

TEST_F(NodeLogsTest, TheLastLinesOfEachServiceWithThoseOfRotatedFiles) {
  ASSERT_TRUE(show({.lines = 2}).ok());
  EXPECT_NE(text.find("==> etcd <==\nno space left on device\nthree\n"), std::string::npos) << text;
  EXPECT_NE(text.find("==> kernel <==\nLinux"), std::string::npos) << text;
  ASSERT_TRUE(show({.service = "kubelet"}).ok());
  EXPECT_EQ(text, "older\nE0101 something amid a start\nF0101 00:00:00.1 the end\n");
  EXPECT_NE(show({.service = "kubelt"}).error().what.find("kubelet"), std::string::npos);
}

TEST_F(NodeLogsTest, OnlyProblems) {
  ASSERT_TRUE(show({.problems = true}).ok());
  EXPECT_EQ(text, "==> etcd <==\nno space left on device\n==> kubelet <==\nF0101 00:00:00.1 the end\n");
  write("etcd.log", "all is well\n");
  ASSERT_TRUE(show({.service = "etcd", .problems = true}).ok());
  EXPECT_EQ(text, "");
}

TEST_F(NodeLogsTest, FollowingEndsWithTheNodeAndNamesServices) {
  EXPECT_EQ(show({.lines = 1, .follow = true}).error().id, ErrorId::cluster_not_running);
  EXPECT_EQ(text, "==> etcd <==\nthree\n==> kubelet <==\nF0101 00:00:00.1 the end\n");
  EXPECT_FALSE(show({.service = "etcd", .lines = 9, .follow = true}).ok());
  EXPECT_EQ(text, "one\nno space left on device\nthree\n");
  EXPECT_FALSE(show({.follow = true, .problems = true}).ok());
  EXPECT_EQ(text, "==> etcd <==\nno space left on device\n==> kubelet <==\nF0101 00:00:00.1 the end\n");
}

TEST(Problem, IsWhatKeepsAClusterFromWorking) {
  EXPECT_TRUE(is_problem("kubelet", "E0823 kubelet.go: ImagePullBackOff for web"));
  EXPECT_FALSE(is_problem("etcd", "ImagePullBackOff")) << "a word of another service";
  EXPECT_TRUE(is_problem("coredns", "panic: runtime error"));
  EXPECT_TRUE(is_problem("kube-scheduler", "F0823 12:00:00.000000       1 server.go:1] no"));
  EXPECT_FALSE(is_problem("kubelet", "Failed once, but it went on"));
  EXPECT_FALSE(is_problem("kubelet", ""));
}

}  // namespace
}  // namespace skiff::cluster
