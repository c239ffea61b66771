// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/copy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "sys/files.h"
#include "sys/hash.h"
#include "sys/process.h"
#include "tests/fakes/fake_driver.h"

namespace skiff::cluster {
namespace {

TEST(Place, NodeComesBeforeTheColon) {
  EXPECT_EQ(parse_place("w1:/tmp/a").node, "w1");
  EXPECT_EQ(parse_place("w1:/tmp/a").path, "/tmp/a");
  for (const auto* here : {"a", "/tmp/a", "./a:b", "/a:b", ":a"}) {
    EXPECT_EQ(parse_place(here).node, "") << here;
    EXPECT_EQ(parse_place(here).path, here);
  }
}

using Strings = std::vector<std::string>;

class CopyTest : public testing::Test {
 protected:
  CopyTest() {
    auto driver = std::make_unique<fakes::FakeDriver>();
    driver->machines["lab-w1"].node = {{{"lab", ""}, "lab-w1"}, Role::worker, drivers::NodeState::running, {}, "", ""};
    driver->machines["lab-cp1"].node = {
        {{"lab", ""}, "lab-cp1"}, Role::control_plane, drivers::NodeState::running, {}, "", ""};
    driver->machines["lab-w1"].files["/tmp/a"] = "from the node";
    fake = driver.get();
    opened.spec.profile = "lab";
    grow(opened.spec, 2);
    opened.driver = std::move(driver);
    std::filesystem::create_directories(folder);
  }
  ~CopyTest() override { std::filesystem::remove_all(folder); }

  Result<void> copy(const std::string& from, const std::string& to) {
    return copy_file(ctx, opened, parse_place(from), parse_place(to));
  }

  std::string folder = std::filesystem::temp_directory_path() / ("skiff-copy-" + sys::random_hex(6));
  fakes::FakeDriver* fake;
  Cluster opened;
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(CopyTest, OutOfANodeIntoAFolder) {
  ASSERT_TRUE(copy("w1:/tmp/a", folder).ok());
  EXPECT_EQ(sys::read_file(folder + "/a").value(), "from the node");
  EXPECT_EQ(sys::list_folder(folder), std::vector<std::string>{"a"});
}

TEST_F(CopyTest, AFolderThatMayNotBeLookedIntoIsAnError) {
  std::filesystem::create_directories(folder + "/closed");
  std::filesystem::permissions(folder + "/closed", std::filesystem::perms::none);
  if (::access((folder + "/closed/a").c_str(), F_OK) == 0 || ::geteuid() == 0) GTEST_SKIP() << "root may read all";
  EXPECT_EQ(copy(folder + "/closed/a", "w1:/tmp/b").error().id, ErrorId::permission);
  EXPECT_FALSE(copy("w1:/tmp/a", folder + "/closed/a").ok());
}

TEST_F(CopyTest, AFileWithTooLongANameIsAnError) {
  const std::string name(300, 'x');
  EXPECT_EQ(copy(folder + "/" + name, "w1:/tmp/b").error().id, ErrorId::host_error);
  EXPECT_FALSE(copy("w1:/tmp/a", folder + "/" + name).ok());
}

TEST_F(CopyTest, WhatCannotBeReadLeavesTheDestinationAlone) {
  ASSERT_TRUE(sys::write_atomic(folder + "/kept", "old").ok());
  const auto copied = copy("w1:/tmp/absent", folder + "/kept");
  EXPECT_EQ(copied.error().id, ErrorId::node_command_failed);
  EXPECT_NE(copied.error().trail.at(0).find("No such file"), std::string::npos);
  EXPECT_EQ(sys::read_file(folder + "/kept").value(), "old");
  EXPECT_EQ(sys::list_folder(folder), std::vector<std::string>{"kept"});
}

TEST_F(CopyTest, IntoANode) {
  ASSERT_TRUE(sys::write_atomic(folder + "/b", "from here").ok());
  std::vector<std::string> argv;
  std::string input;
  fake->command = [&](const drivers::NodeId&, const drivers::ExecRequest& request) -> std::optional<int> {
    argv = request.argv;
    for (auto piece = request.in(ctx); piece.ok() && !piece->empty(); piece = request.in(ctx)) input += *piece;
    return 0;
  };
  ASSERT_TRUE(copy(folder + "/b", "lab-w1:/tmp/").ok());
  EXPECT_EQ(input, "from here");
  EXPECT_EQ(std::vector(argv.end() - 3, argv.end()), (std::vector<std::string>{"/tmp/", "b", "644"}));
}

// The command runs on this host, in a folder that stands for the node.
TEST_F(CopyTest, FoldersThatTheNodeLacksAreMade) {
  ASSERT_TRUE(sys::write_atomic(folder + "/b", "from here").ok());
  fake->command = [&](const drivers::NodeId&, const drivers::ExecRequest& request) -> std::optional<int> {
    const auto ran = sys::run(ctx, {.argv = request.argv, .input = request.in(ctx).value()});
    return ran.ok() ? ran->exit_code : -1;
  };
  ASSERT_TRUE(copy(folder + "/b", "w1:" + folder + "/new/deep/c").ok());
  EXPECT_EQ(sys::read_file(folder + "/new/deep/c").value(), "from here");
  ASSERT_TRUE(copy(folder + "/b", "w1:" + folder + "/other/").ok());
  EXPECT_EQ(sys::read_file(folder + "/other/b").value(), "from here");
  ASSERT_TRUE(copy(folder + "/b", "w1:" + folder + "/new").ok()) << "a folder that is there";
  EXPECT_EQ(sys::read_file(folder + "/new/b").value(), "from here");
  EXPECT_EQ(copy(folder + "/b", "w1:" + folder + "/b/c").error().id, ErrorId::node_command_failed);
}

TEST_F(CopyTest, WithoutANodeItGoesToTheControlPlane) {
  ASSERT_TRUE(sys::write_atomic(folder + "/b", "from here").ok());
  Strings nodes;
  fake->command = [&](const drivers::NodeId& id, const drivers::ExecRequest&) -> std::optional<int> {
    nodes.push_back(id.name);
    return 0;
  };
  for (const auto* to : {"/etc/app.conf", "lab:/etc/app.conf", "lab-cp1:/etc/app.conf", "cp1:/etc/app.conf"})
    EXPECT_TRUE(copy(folder + "/b", to).ok()) << to;
  EXPECT_EQ(nodes, Strings(4, "lab-cp1"));
  ASSERT_TRUE(copy("w1:/tmp/a", folder + "/c").ok()) << "out of a node it goes to this host";
  EXPECT_EQ(copy(folder + "/b", "etc/app.conf").error().id, ErrorId::usage);
}

TEST_F(CopyTest, ANodeThatDoesNotRunIsStartedByItselfWhereOthersRun) {
  fake->machines["lab-w1"].node.state = drivers::NodeState::stopped;
  EXPECT_EQ(copy("w1:/tmp/a", folder).error().advice, "Start it with 'skiff node start lab-w1 -p lab'");
  fake->machines["lab-cp1"].node.state = drivers::NodeState::stopped;
  EXPECT_EQ(copy("w1:/tmp/a", folder).error().advice, "Start it with 'skiff start -p lab'");
}

TEST_F(CopyTest, MistakesAreNamed) {
  EXPECT_EQ(copy("a", "b").error().id, ErrorId::usage);
  EXPECT_EQ(copy(folder, "w1:/tmp/").error().id, ErrorId::usage) << "a folder";
  EXPECT_EQ(copy(folder + "/absent", "w1:/tmp/").error().id, ErrorId::usage);
  EXPECT_EQ(copy("w1:tmp/a", folder).error().id, ErrorId::usage) << "not absolute";
  EXPECT_EQ(copy("w1:/tmp/a", "/nowhere/b").error().id, ErrorId::host_error);
  EXPECT_EQ(copy("w2:/tmp/a", folder).error().id, ErrorId::node_not_found);
}

}  // namespace
}  // namespace skiff::cluster
