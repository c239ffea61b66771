// SPDX-License-Identifier: Apache-2.0
// What the Docker driver promises beyond the contract.
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/parallel.h"
#include "contract_test.h"
#include "drivers/docker/image.h"
#include "drivers/docker/resources.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::contract {
namespace {

namespace docker = drivers::docker;
using drivers::NodeId;
using drivers::NodeState;

class DockerDriver : public ContractTest {
 protected:
  DockerDriver() : ContractTest(docker_provider()), engine(docker::find_endpoint()) {}

  Json inspect(const std::string& container) {
    const auto found = engine.find(ctx, "/containers/" + container + "/json");
    EXPECT_TRUE(good(found));
    return found.ok() && *found ? **found : Json();
  }
  void call(const std::string& method, const std::string& path, const Json& body = nullptr) {
    EXPECT_TRUE(good(engine.call(ctx, method, path, body)));
  }
  std::string prepare_name() { return "skiff-prepare-" + drivers::tag_of(spec.node_image); }

  docker::Engine engine;
};

TEST_F(DockerDriver, NodeHasItsNameAddressAndLimits) {
  spec.memory_mib = 64;
  spec.cpus = 0.5;
  const NodeId id = start_first();
  EXPECT_EQ(run(id, {"cat", "/etc/hostname"}).out, id.name + "\n");
  const std::string address = to_string(nodes_of(spec)[0].address);
  EXPECT_NE(run(id, {"cat", "/etc/hosts"}).out.find(address + "\t" + id.name), std::string::npos);
  const Json container = inspect(id.name);
  EXPECT_EQ(int_at(container, "HostConfig.Memory"), 64 << 20);
  EXPECT_EQ(int_at(container, "HostConfig.NanoCpus"), 500000000);
}

TEST_F(DockerDriver, HotVolumeIsFilledOnceAndReadOnlyInNodes) {
  const std::string started = text_at(inspect(prepare_name()), "State.StartedAt");
  const NodeId id = start_first();
  EXPECT_EQ(run(id, {"cat", "/skiff/hot/prepared"}).out, "prepared\n");
  EXPECT_NE(run(id, {"store", "/skiff/hot/mine"}, "x").exit_code, 0);
  ASSERT_TRUE(good(driver().ensure_image(ctx, subject().image())));
  EXPECT_EQ(text_at(inspect(prepare_name()), "State.StartedAt"), started);
}

TEST_F(DockerDriver, PrunedRecordOfAUsedHotVolumeDoesNoHarm) {
  const NodeId id = start_first();
  ASSERT_TRUE(good(docker::remove_container(ctx, engine, prepare_name())));
  ASSERT_TRUE(good(driver().ensure_image(ctx, subject().image())));
  EXPECT_EQ(run(id, {"cat", "/skiff/hot/prepared"}).out, "prepared\n");
}

TEST_F(DockerDriver, HalfFilledHotVolumeIsFilledAnew) {
  const std::string id = text_at(inspect(prepare_name()), "Image");
  ASSERT_TRUE(good(docker::remove_container(ctx, engine, prepare_name())));
  ASSERT_TRUE(good(docker::remove_volume(ctx, engine, docker::hot_volume_name(spec.node_image))));
  const JsonObject killed{{"Image", spec.node_image},
                          {"Labels", JsonObject{{drivers::label::prepare, spec.node_image}}}};
  call("POST", "/containers/create?name=" + prepare_name(), killed);
  ASSERT_TRUE(good(driver().ensure_image(ctx, subject().image())));
  EXPECT_EQ(text_at(inspect(prepare_name()), "State.Status"), "exited");
  EXPECT_EQ(run(start_first(), {"cat", "/skiff/hot/prepared"}).out, "prepared\n");
}

TEST_F(DockerDriver, ImageThatCannotPrepareIsRefused) {
  const auto folder = std::filesystem::temp_directory_path() / ("skiff-contract-" + sys::random_hex(6));
  std::filesystem::create_directories(folder);
  FileTree files;
  files.add("/etc/any", "thing");
  std::ofstream(folder / "rootfs.tar", std::ios::binary) << to_tar(files);
  const drivers::NodeImage image{"skiff-contract:" + sys::random_hex(6), folder / "rootfs.tar", 0};
  EXPECT_TRUE(fails_with(ErrorId::image_not_found, driver().ensure_image(ctx, image)));
  const auto container = engine.find(ctx, "/containers/skiff-prepare-" + drivers::tag_of(image.reference) + "/json");
  EXPECT_TRUE(container.ok() && !*container);
  EXPECT_TRUE(good(docker::remove_volume(ctx, engine, docker::hot_volume_name(image.reference))));
  call("DELETE", "/images/" + image.reference);
  std::filesystem::remove_all(folder);
}

TEST_F(DockerDriver, PrivilegesThatWorkAreRemembered) {
  const NodeId id = start_first();
  const auto files = sys::list_folder(sys::cache_folder() + "/docker");
  const auto file = std::ranges::find_if(files, [](const auto& name) { return name.ends_with(".privileges"); });
  ASSERT_NE(file, files.end());
  const auto remembered = sys::read_file(sys::cache_folder() + "/docker/" + *file);
  ASSERT_TRUE(good(remembered));
  EXPECT_EQ(*remembered == "full\n", bool_at(inspect(id.name), "HostConfig.Privileged")) << *remembered;
}

TEST_F(DockerDriver, FoldersThatCannotBeMountedLeaveNoHelper) {
  const NodeId id = start_first();
  const std::string folder = std::filesystem::temp_directory_path();
  const auto bind = [&](const NodeId& node, const std::string& from) {
    return driver().bind_folders(ctx, {node}, {{from, "/mnt/x"}});
  };
  EXPECT_TRUE(fails_with(ErrorId::image_unsupported, bind(id, folder))) << "an image without skiff-mount";
  EXPECT_TRUE(fails_with(ErrorId::usage, bind(id, folder + "/absent")));
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, bind({identity_of(spec), id.name + "9"}, folder)));
  EXPECT_TRUE(good(driver().bind_folders(ctx, {}, {})));
  const auto helpers =
      engine.get(ctx, "/containers/json?all=1&filters=" + sys::url_encode(R"({"name":["skiff-folders-"]})"));
  ASSERT_TRUE(good(helpers));
  EXPECT_TRUE(array_at(*helpers, "").empty()) << to_text(*helpers);
}

TEST_F(DockerDriver, NodeRejoinsANetworkThatWasPruned) {
  const NodeId id = start_first();
  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  call("DELETE", "/networks/" + drivers::network_name(spec));
  ASSERT_TRUE(good(driver().ensure_network(ctx, spec, spec.node_subnet)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  const std::string path = "NetworkSettings.Networks." + drivers::network_name(spec) + ".IPAddress";
  EXPECT_EQ(text_at(inspect(id.name), path), to_string(nodes_of(spec)[0].address));
}

TEST_F(DockerDriver, StorageOutlivesAContainerRemovedByHand) {
  const NodeId id = start_first();
  ASSERT_EQ(run(id, {"store", "/var/kept"}, "data").exit_code, 0);
  ASSERT_TRUE(good(docker::remove_container(ctx, engine, id.name)));
  EXPECT_TRUE(seen(spec).empty());
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(run(id, {"cat", "/var/kept"}).out, "data");
}

TEST_F(DockerDriver, PausedNodeIsResumedOrStopped) {
  const NodeId id = start_first();
  call("POST", "/containers/" + id.name + "/pause");
  EXPECT_EQ(seen(spec).at(0).state, NodeState::paused);
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, capture(ctx, driver(), id, {"cat"})));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(seen(spec).at(0).state, NodeState::running);
  call("POST", "/containers/" + id.name + "/pause");
  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  EXPECT_EQ(seen(spec).at(0).state, NodeState::stopped);
}

TEST_F(DockerDriver, NetworkOfAnotherOwnerIsAConflict) {
  const std::string name = drivers::network_name(spec);
  call("POST", "/networks/create", JsonObject{{"Name", name}});
  EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().ensure_network(ctx, spec, {})));
  EXPECT_TRUE(good(driver().remove_leftovers(ctx, identity_of(spec))));
  call("DELETE", "/networks/" + name);  // still there
}

TEST_F(DockerDriver, VolumeOfAnotherOwnerIsAConflict) {
  join_network(spec);
  const NodeSpec node = nodes_of(spec)[0];
  const std::string name = drivers::volume_name(node.name);
  call("POST", "/volumes/create", JsonObject{{"Name", name}});
  EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().ensure_node(ctx, spec, node, tree())));
  EXPECT_TRUE(good(driver().remove_node(ctx, {identity_of(spec), node.name})));
  EXPECT_TRUE(good(driver().remove_leftovers(ctx, identity_of(spec))));
  call("DELETE", "/volumes/" + name);  // still there
}

TEST_F(DockerDriver, ClustersMadeAtOnceGetRangesOfTheirOwn) {
  std::vector<PlacedSpec> specs{make_spec(), make_spec(), make_spec(), make_spec()};
  ASSERT_TRUE(good(parallel_for(ctx, specs, [&](const Context& each, PlacedSpec& cluster) -> Result<void> {
    cluster.node_subnet = TRY(driver().ensure_network(each, cluster, {}));
    return {};
  })));
  std::set<Cidr> ranges;
  for (const auto& cluster : specs) ranges.insert(cluster.node_subnet);
  EXPECT_EQ(ranges.size(), specs.size());
}

TEST_F(DockerDriver, TerminalPassesKeysAndSize) {
  const NodeId id = start_first();
  int user = -1;
  int terminal = -1;
  winsize size{33, 99, 0, 0};
  ASSERT_EQ(openpty(&user, &terminal, nullptr, nullptr, &size), 0);
  termios raw{};
  tcgetattr(terminal, &raw);
  cfmakeraw(&raw);
  tcsetattr(terminal, TCSANOW, &raw);

  std::string out;
  drivers::ExecRequest request;
  request.argv = {"terminal"};
  request.tty_fd = terminal;
  request.out = [&](std::string_view piece) {
    const bool asked = out.find("columns") != std::string::npos;
    out += piece;
    if (!asked && out.find("columns") != std::string::npos) {
      EXPECT_EQ(write(user, "keys\nq\n", 7), 7);
    }
  };
  const auto code = driver().exec(ctx, id, request);
  ASSERT_TRUE(good(code));
  EXPECT_EQ(*code, 5);
  EXPECT_NE(out.find("33 rows 99 columns"), std::string::npos) << out;
  EXPECT_NE(out.find("keys"), std::string::npos) << out;
  close(user);
  close(terminal);
}

TEST_F(DockerDriver, StopEndsACommandsWait) {
  const NodeId id = start_first();
  std::stop_source stop;
  drivers::ExecRequest request;
  request.argv = {"cat"};
  request.in = [&](const Context& feeding) -> Result<std::string> {
    stop.request_stop();
    TRY(feeding.pause(std::chrono::seconds(30)));
    return std::string();
  };
  EXPECT_TRUE(fails_with(ErrorId::interrupted, driver().exec({stop.get_token(), ctx.deadline, &events}, id, request)));
}

TEST_F(DockerDriver, InterruptedCreationCanBeRemoved) {
  join_network(spec);
  const NodeSpec node = nodes_of(spec)[0];
  for (const int delay : {1, 20, 50, 100, 200, 400}) {  // wherever the stop comes, nothing may turn up afterwards
    std::stop_source stop;
    const Context interrupted{stop.get_token(), ctx.deadline, &events};
    std::jthread user([&] {
      EXPECT_TRUE(ctx.pause(std::chrono::milliseconds(delay)).ok());
      stop.request_stop();
    });
    const auto made = driver().ensure_node(interrupted, spec, node, tree());
    EXPECT_TRUE(made.ok() || fails_with(ErrorId::interrupted, made));
    ASSERT_TRUE(good(driver().remove_node(ctx, {identity_of(spec), node.name})));
    // The name is free: no creation is under way that would end later.
    call("POST", "/containers/create?name=" + node.name, JsonObject{{"Image", spec.node_image}});
    ASSERT_TRUE(good(docker::remove_container(ctx, engine, node.name)));
    EXPECT_TRUE(seen(spec).empty()) << delay;
  }
}

TEST_F(DockerDriver, CommandThatEndsLeavesItsInputBehind) {
  const NodeId id = start_first();
  drivers::ExecRequest request;
  request.argv = {"fail", "3"};
  request.in = [](const Context& feeding) -> Result<std::string> {
    TRY(feeding.pause(std::chrono::seconds(30)));  // as a user who types nothing
    return std::string();
  };
  const auto code = driver().exec(ctx, id, request);
  ASSERT_TRUE(good(code));
  EXPECT_EQ(*code, 3);
}

}  // namespace
}  // namespace skiff::contract
