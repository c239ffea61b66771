// SPDX-License-Identifier: Apache-2.0
// Folders of this host in the nodes, on machines and an API in memory.
#include "cluster/nodes/folders.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "cluster/lifecycle.h"
#include "cluster/own_image.h"
#include "cluster/start/start.h"
#include "cluster/status.h"
#include "sys/files.h"
#include "tests/fakes/fake_world.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

using Folders = std::map<std::string, std::string>;

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() {
    world.provider.image_references.insert(own_image_reference(world.provider.traits_value));
    std::filesystem::create_directories(source);
    std::filesystem::create_directories(other);
  }

  Result<StartReport> start(KubernetesRequest::List mounts = {}, std::optional<int> nodes = {}) {
    StartRequest request;
    request.profile = "lab";
    request.nodes = nodes;
    request.mounts = std::move(mounts);
    request.wait_timeout = std::chrono::seconds(20);
    return cluster::start(ctx, home, request);
  }
  Folders folders(const std::string& node) { return world.provider.machines.at(node).folders; }
  std::string environment(const std::string& node) {
    return world.provider.machines.at(node).files.at("/etc/skiff/node.env");
  }
  std::vector<std::string> listed() {
    std::vector<std::string> texts;
    const auto opened = open_profile(home, "lab");
    for (const auto& mounted : mounted_folders(ctx, *opened).value()) {
      texts.push_back(to_string(mounted.folder) + " " + std::string(to_string(mounted.life)) + " " +
                      std::to_string(mounted.nodes.size()));
    }
    return texts;
  }

  fakes::TemporaryHome temporary;
  std::string source = temporary.home() + "-source";
  std::string other = temporary.home() + "-other";
  fakes::FakeWorld world;
  Home home = world.home(temporary.home());
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(60)), &events};
};

using Texts = std::vector<std::string>;

TEST_F(FoldersTest, TheProfilesAreThereAtEachStartAndOnNewNodes) {
  const auto made = start(Texts{source + ":/src"}, 2);
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_EQ(folders("lab-cp1"), (Folders{{"/src", source}}));
  EXPECT_EQ(folders("lab-w1"), (Folders{{"/src", source}}));
  EXPECT_NE(environment("lab-w1").find("FOLDERS='awaited'"), std::string::npos);
  EXPECT_EQ(listed(), Texts{source + ":/src profile 2"});
  EXPECT_EQ(status(ctx, home, "lab")->mounts.size(), 1U);

  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  EXPECT_TRUE(folders("lab-w1").empty());
  EXPECT_TRUE(listed().empty());
  ASSERT_TRUE(start({}, 3).ok());
  EXPECT_EQ(folders("lab-w1"), (Folders{{"/src", source}}));
  EXPECT_EQ(folders("lab-w2"), (Folders{{"/src", source}}));
}

TEST_F(FoldersTest, WhatIsGivenTakesThePlaceOfTheProfiles) {
  ASSERT_TRUE(start(Texts{source + ":/src"}).ok());
  ASSERT_TRUE(start(Texts{other + ":/src", source + ":/mnt/b"}).ok());
  EXPECT_EQ(folders("lab-cp1"), (Folders{{"/src", other}, {"/mnt/b", source}}));
  ASSERT_TRUE(start(Texts{}).ok());
  EXPECT_TRUE(folders("lab-cp1").empty());
  EXPECT_TRUE(home.store.get("lab")->mounts.empty());
}

TEST_F(FoldersTest, AStartThatFailsLeavesTheNodesAsTheyWere) {
  ASSERT_TRUE(start(Texts{source + ":/src"}, 2).ok());
  world.provider.before = [](std::string_view method, std::string_view subject) -> Result<void> {
    if (method == "ensure_node" && subject == "lab-w2") return make_error(ErrorId::docker_error, "no");
    return {};
  };
  EXPECT_FALSE(start(Texts{other + ":/mnt/b"}, 3).ok());
  EXPECT_EQ(folders("lab-cp1"), (Folders{{"/src", source}}));
  EXPECT_EQ(home.store.get("lab")->mounts, (std::vector<FolderMount>{{source, "/src"}}));
}

TEST_F(FoldersTest, BadFoldersAreRefusedBeforeAnythingIsMade) {
  std::ofstream(source + "/file") << "x";
  for (const auto& wrong : {source + "/absent:/src", source + "/file:/src", source + "/file/x:/src", source + ":/etc",
                            source + ":src", source}) {
    const auto refused = start(Texts{wrong});
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().id, ErrorId::usage) << wrong;
    EXPECT_FALSE(refused.error().advice.empty());
  }
  EXPECT_FALSE(start(Texts{source + ":/a", other + ":/a/b"}).ok());
  EXPECT_FALSE(start(Texts{source + ":/a", other + ":/a"}).ok());
  EXPECT_TRUE(world.provider.machines.empty());
}

TEST_F(FoldersTest, ASourceThatHasGoneIsNamedAndTheWayRound) {
  ASSERT_TRUE(start(Texts{source + ":/src"}).ok());
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  std::filesystem::remove_all(source);
  const auto refused = start();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find(source), std::string::npos);
  EXPECT_NE(refused.error().advice.find("--mount=false"), std::string::npos);
  EXPECT_TRUE(start(Texts{}).ok());
}

TEST_F(FoldersTest, NodesElsewhereAndMachinesHaveNone) {
  world.provider.traits_value.binds_folders = false;
  EXPECT_EQ(start(Texts{source + ":/src"}).error().id, ErrorId::unsupported);
  world.provider.traits_value.own_kernel = true;
  const auto refused = start(Texts{source + ":/src"});
  EXPECT_EQ(refused.error().id, ErrorId::unsupported);
  EXPECT_NE(refused.error().what.find("Virtual machines"), std::string::npos);
}

TEST_F(FoldersTest, ADetachedOneStaysUntilItIsUnmounted) {
  ASSERT_TRUE(start(Texts{source + ":/src"}, 2).ok());
  ASSERT_TRUE(mount_folder(ctx, home, "lab", {other, "/mnt/b"}).ok());
  EXPECT_EQ(listed(), (Texts{other + ":/mnt/b detached 2", source + ":/src profile 2"}));
  EXPECT_EQ(mount_folder(ctx, home, "lab", {source, "/mnt/b"}).error().id, ErrorId::usage);
  EXPECT_EQ(unmount_folders(ctx, home, "lab").value(), (std::vector<FolderMount>{{other, "/mnt/b"}}));
  EXPECT_EQ(listed(), Texts{source + ":/src profile 2"});
  EXPECT_TRUE(unmount_folders(ctx, home, "lab")->empty());
}

TEST_F(FoldersTest, AClusterThatDoesNotRunTakesNone) {
  EXPECT_EQ(mount_folder(ctx, home, "lab", {source, "/src"}).error().id, ErrorId::profile_not_found);
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  EXPECT_EQ(mount_folder(ctx, home, "lab", {source, "/src"}).error().id, ErrorId::cluster_not_running);
  EXPECT_EQ(hold_folder(ctx, home, "lab", {source, "/src"}, [] {}).error().id, ErrorId::cluster_not_running);
  EXPECT_TRUE(unmount_folders(ctx, home, "lab")->empty());
}

// Of a node: holds until its input ends or somebody unmounts, and says how it ended.
std::optional<int> hold(const drivers::ExecRequest& request, const Context& until) {
  if (request.argv.size() < 2 || request.argv[1] != "hold") return std::nullopt;
  request.out("held\n");
  return request.in(until).ok() ? 0 : 4;
}

TEST_F(FoldersTest, ACommandsMountGoesWithTheCommand) {
  ASSERT_TRUE(start({}, 2).ok());
  std::stop_source ctrl_c;
  const Context limited{ctrl_c.get_token(), ctx.deadline, &events};
  world.provider.command = [&](const drivers::NodeId&, const drivers::ExecRequest& request) {
    return hold(request, limited);
  };
  bool was_there = false;
  const auto held = hold_folder(limited, home, "lab", {source, "/src"}, [&] {
    was_there = folders("lab-cp1") == Folders{{"/src", source}} && folders("lab-w1") == Folders{{"/src", source}};
    EXPECT_EQ(hold_folder(ctx, home, "lab", {source, "/src"}, [] {}).error().id, ErrorId::usage);
    ctrl_c.request_stop();
  });
  EXPECT_TRUE(held.ok()) << held.error().what;
  EXPECT_TRUE(was_there);
  EXPECT_TRUE(folders("lab-cp1").empty());
  EXPECT_TRUE(folders("lab-w1").empty());
}

TEST_F(FoldersTest, ACommandEndsWhenItsMountDoes) {
  ASSERT_TRUE(start({}, 2).ok());
  std::stop_source unmounted;
  const Context elsewhere{unmounted.get_token(), ctx.deadline, &events};
  world.provider.command = [&](const drivers::NodeId&, const drivers::ExecRequest& request) {
    return hold(request, elsewhere);
  };
  const auto held = hold_folder(ctx, home, "lab", {source, "/src"}, [&] { unmounted.request_stop(); });
  EXPECT_TRUE(held.ok()) << held.error().what;
  EXPECT_TRUE(folders("lab-w1").empty());
}

TEST(OnThisHost, LinksAndRelativePathsAreFollowed) {
  fakes::TemporaryHome temporary;
  const std::string folder = temporary.home() + "-links";
  std::filesystem::create_directories(folder + "/real");
  std::filesystem::create_symlink(folder + "/real", folder + "/link");
  EXPECT_EQ(on_this_host({folder + "/link", "/src"})->from, std::filesystem::canonical(folder + "/real"));
  EXPECT_EQ(on_this_host({".", "/src"})->from, std::filesystem::current_path());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace skiff::cluster
