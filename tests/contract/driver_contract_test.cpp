// SPDX-License-Identifier: Apache-2.0
// The contract of skiff::drivers::Driver. Every driver, and the fake that stands for them in other tests, passes it.
#include <algorithm>
#include <array>
#include <utility>

#include "base/parallel.h"
#include "contract_test.h"
#include "sys/hash.h"

namespace skiff::contract {
namespace {

using drivers::NodeId;
using drivers::NodeState;

class DriverContract : public ContractTest, public ::testing::WithParamInterface<Provider> {
 protected:
  DriverContract() : ContractTest(GetParam()) {}
};

TEST_P(DriverContract, TellsItsVersionAndTraits) {
  const auto health = driver().check(ctx);
  ASSERT_TRUE(good(health));
  EXPECT_FALSE(health->version.empty());
  EXPECT_TRUE(good(driver().traits(ctx)));
}

TEST_P(DriverContract, TellsOfTheHostOfItsNodes) {
  const auto facts = driver().host_facts(ctx, subject().image().reference);
  ASSERT_TRUE(good(facts));
  EXPECT_GT(facts->now, 0);
  EXPECT_GE(facts->uplink_mtu.value_or(sys::ethernet_mtu), 576) << "the least that IPv4 knows";
  EXPECT_LE(facts->uplink_mtu.value_or(sys::ethernet_mtu), sys::ethernet_mtu);
  EXPECT_EQ(sys::parse_resolver(sys::render(facts->resolver)), facts->resolver) << "of use to others than the host";
}

TEST_P(DriverContract, AbsentImageIsNotFound) {
  EXPECT_TRUE(fails_with(ErrorId::image_not_found, driver().ensure_image(ctx, {"skiff-contract:absent", "", 0})));
}

TEST_P(DriverContract, PresentImageNeedsNoTar) {
  EXPECT_TRUE(good(driver().ensure_image(ctx, {subject().image().reference, "", 0})));
  drivers::NodeImage newer{subject().image().reference, "", 0};
  newer.tree_format = 99;
  EXPECT_TRUE(fails_with(ErrorId::image_unsupported, driver().ensure_image(ctx, newer)));
}

TEST_P(DriverContract, AnImageThatNodesAreMadeFromStays) {
  share_first();
  EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().remove_image(ctx, spec.node_image)));
  EXPECT_TRUE(good(driver().ensure_image(ctx, {spec.node_image, "", 0})));
  EXPECT_TRUE(good(driver().remove_image(ctx, "skiff-contract:absent")));

  const drivers::NodeImage other = subject().other_image();
  ASSERT_TRUE(good(driver().ensure_image(ctx, other)));
  EXPECT_TRUE(good(driver().remove_image(ctx, other.reference)));
  EXPECT_TRUE(fails_with(ErrorId::image_not_found, driver().ensure_image(ctx, {other.reference, "", 0})));
}

TEST_P(DriverContract, NodeIsMadeAsDescribed) {
  const NodeId id = share_first();
  const auto nodes = seen(spec);
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].id.name, id.name);
  EXPECT_EQ(nodes[0].id.cluster, identity_of(spec));
  EXPECT_EQ(nodes[0].role, Role::control_plane);
  EXPECT_EQ(nodes[0].state, NodeState::running);
  EXPECT_EQ(nodes[0].address, nodes_of(spec)[0].address);
  EXPECT_EQ(nodes[0].image, spec.node_image);
}

TEST_P(DriverContract, MakingANodeTwiceChangesNothing) {
  const NodeId id = share_first();
  ASSERT_EQ(run(id, {"store", "/tmp/mark"}, "still here").exit_code, 0);
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree("other"))));
  EXPECT_EQ(run(id, {"cat", "/tmp/mark"}).out, "still here");
  EXPECT_EQ(run(id, {"cat", "/etc/skiff/config"}).out, "hello");
  EXPECT_EQ(seen(spec).size(), 1U);
}

TEST_P(DriverContract, FilesAreThereBeforeInitStarts) {
  const NodeId id = share_first();
  EXPECT_EQ(run(id, {"cat", "/etc/skiff/config"}).out, "hello");
  const auto console = driver().console(ctx, id);
  ASSERT_TRUE(good(console));
  EXPECT_NE(console->find("init: ready"), std::string::npos) << *console;
  EXPECT_TRUE(fails_with(ErrorId::node_not_found, driver().console(ctx, {identity_of(spec), spec.profile + "-w9"})));
}

TEST_P(DriverContract, StopAndStartKeepAddressStorageAndTree) {
  const NodeId id = start_first();
  const NodeSpec node = nodes_of(spec)[0];
  ASSERT_EQ(run(id, {"store", "/var/kept"}, "data").exit_code, 0);

  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_EQ(seen(spec).size(), 1U);
  EXPECT_EQ(seen(spec)[0].state, NodeState::stopped);
  EXPECT_EQ(seen(spec)[0].address, node.address);
  EXPECT_TRUE(good(driver().stop_node(ctx, id))) << "a second stop";
  EXPECT_TRUE(good(driver().console(ctx, id))) << "of a stopped node";
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, capture(ctx, driver(), id, {"cat"})));

  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, tree("second"))));
  EXPECT_EQ(seen(spec)[0].state, NodeState::running);
  EXPECT_EQ(seen(spec)[0].address, node.address);
  EXPECT_EQ(run(id, {"cat", "/var/kept"}).out, "data");
  EXPECT_EQ(run(id, {"cat", "/etc/skiff/config"}).out, "second");

  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, {}))) << "without a tree";
  EXPECT_EQ(run(id, {"cat", "/etc/skiff/config"}).out, "second") << "the tree stays";
}

TEST_P(DriverContract, ANodeOfAnotherImageIsMadeAnewAroundItsStorage) {
  const NodeId id = start_first();
  const NodeSpec node = nodes_of(spec)[0];
  ASSERT_EQ(run(id, {"store", "/var/kept"}, "data").exit_code, 0);
  ASSERT_EQ(run(id, {"store", "/old"}, "of the old image").exit_code, 0);
  const drivers::NodeImage other = subject().other_image();
  ASSERT_TRUE(good(driver().ensure_image(ctx, other)));
  spec.node_image = other.reference;
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, tree("second")))) << "while it runs";
  EXPECT_EQ(run(id, {"cat", "/old"}).out, "of the old image") << "nothing happens to it";

  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  const auto made = driver().ensure_node(ctx, spec, node, tree("second"));
  ASSERT_TRUE(good(made));
  EXPECT_FALSE(made->storage);
  EXPECT_EQ(seen(spec)[0].image, other.reference);
  EXPECT_EQ(seen(spec)[0].address, node.address);
  EXPECT_EQ(run(id, {"cat", "/var/kept"}).out, "data");
  EXPECT_NE(run(id, {"cat", "/old"}).exit_code, 0);
  EXPECT_EQ(run(id, {"cat", "/etc/skiff/config"}).out, "second");
}

TEST_P(DriverContract, PausedNodeGoesOnWhereItWas) {
  const NodeId id = start_first();
  ASSERT_EQ(run(id, {"store", "/tmp/mark"}, "in memory").exit_code, 0);
  ASSERT_TRUE(good(driver().pause_node(ctx, id)));
  EXPECT_EQ(seen(spec)[0].state, NodeState::paused);
  EXPECT_TRUE(good(driver().pause_node(ctx, id))) << "a second time";
  ASSERT_TRUE(good(driver().unpause_node(ctx, id)));
  EXPECT_EQ(seen(spec)[0].state, NodeState::running);
  EXPECT_TRUE(good(driver().unpause_node(ctx, id))) << "a second time";
  EXPECT_EQ(run(id, {"cat", "/tmp/mark"}).out, "in memory");

  ASSERT_TRUE(good(driver().pause_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree()))) << "a paused node";
  EXPECT_EQ(run(id, {"cat", "/tmp/mark"}).out, "in memory");
  ASSERT_TRUE(good(driver().pause_node(ctx, id)));
  ASSERT_TRUE(good(driver().stop_node(ctx, id))) << "a paused node";
  EXPECT_EQ(seen(spec)[0].state, NodeState::stopped);
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, driver().pause_node(ctx, id)));
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, driver().unpause_node(ctx, id)));
}

TEST_P(DriverContract, AbsentNodeIsStoppedAndRemovedAlready) {
  const NodeId id{identity_of(spec), spec.profile + "-cp1"};
  EXPECT_TRUE(good(driver().stop_node(ctx, id)));
  EXPECT_TRUE(good(driver().remove_node(ctx, id)));
  EXPECT_TRUE(good(driver().remove_leftovers(ctx, identity_of(spec))));
  EXPECT_TRUE(seen(spec).empty());
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, capture(ctx, driver(), id, {"cat"})));
}

TEST_P(DriverContract, RemovedNodeLeavesNoStorage) {
  const NodeId id = start_first();
  ASSERT_EQ(run(id, {"store", "/var/kept"}, "data").exit_code, 0);
  ASSERT_TRUE(good(driver().remove_node(ctx, id))) << "a running node";
  EXPECT_TRUE(seen(spec).empty());
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_NE(run(id, {"cat", "/var/kept"}).exit_code, 0);
  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().remove_node(ctx, id))) << "a stopped node";
  EXPECT_TRUE(seen(spec).empty());
}

TEST_P(DriverContract, LeftoversOfOneClusterAreRemovedTogether) {
  const PlacedSpec mine = spec;
  share_first();
  const PlacedSpec other = std::exchange(spec, mine);
  start_first();
  subject().add_half_made(spec, nodes_of(spec)[1]);

  ASSERT_TRUE(good(driver().remove_leftovers(ctx, identity_of(spec))));
  EXPECT_TRUE(seen(spec).empty());
  EXPECT_EQ(seen(other).size(), 1U);
  // The range is free again: another cluster may ask for it.
  EXPECT_TRUE(good(driver().ensure_network(ctx, make_spec(), spec.node_subnet)));
}

TEST_P(DriverContract, HalfMadeNodeIsBrokenAndMadeAnew) {
  join_network(spec);
  const NodeSpec node = nodes_of(spec)[0];
  subject().add_half_made(spec, node);
  ASSERT_EQ(seen(spec).size(), 1U);
  EXPECT_EQ(seen(spec)[0].state, NodeState::broken);
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, tree())));
  EXPECT_EQ(seen(spec)[0].state, NodeState::running);
  EXPECT_EQ(run({identity_of(spec), node.name}, {"cat", "/etc/skiff/config"}).out, "hello");
}

TEST_P(DriverContract, MachineOfAnotherOwnerIsLeftAlone) {
  join_network(spec);
  const NodeSpec node = nodes_of(spec)[0];
  subject().add_foreign(node.name);
  ASSERT_TRUE(subject().foreign_runs(node.name));
  EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().ensure_node(ctx, spec, node, tree())));
  EXPECT_TRUE(good(driver().stop_node(ctx, {identity_of(spec), node.name})));
  EXPECT_TRUE(good(driver().remove_node(ctx, {identity_of(spec), node.name})));
  EXPECT_TRUE(good(driver().remove_leftovers(ctx, identity_of(spec))));
  EXPECT_TRUE(seen(spec).empty());
  EXPECT_TRUE(subject().foreign_runs(node.name));
}

TEST_P(DriverContract, NodesAreMadeFromManyThreadsAndListedPerClusterAndTogether) {
  const PlacedSpec mine = spec;
  share_first();
  const PlacedSpec other = std::exchange(spec, mine);
  grow(spec, 3);
  join_network(spec);
  const auto wanted = nodes_of(spec);
  EXPECT_TRUE(good(parallel_for(ctx, wanted, [&](const Context& each, const NodeSpec& node) -> Result<void> {
    TRY(driver().ensure_node(each, spec, node, tree()));
    return {};
  })));

  const auto nodes = seen(spec);
  ASSERT_EQ(nodes.size(), 3U);
  for (const auto& node : nodes) EXPECT_EQ(node.state, NodeState::running) << node.id.name;
  EXPECT_EQ(nodes[0].id.name, spec.profile + "-cp1");
  EXPECT_EQ(nodes[1].id.name, spec.profile + "-w1");
  EXPECT_EQ(nodes[1].role, Role::worker);
  EXPECT_EQ(seen(other).size(), 1U);

  const auto all = driver().all_nodes(ctx).value_or({});
  const auto of_both = std::ranges::count_if(all, [&](const auto& node) {
    return node.id.cluster == identity_of(spec) || node.id.cluster == identity_of(other);
  });
  EXPECT_EQ(of_both, 4);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, [](const auto& node) { return node.id.name; }));
}

TEST_P(DriverContract, NetworkKeepsItsRange) {
  const auto first = driver().ensure_network(ctx, spec, {});
  ASSERT_TRUE(good(first));
  EXPECT_EQ(first->bits, 24);
  const auto again = driver().ensure_network(ctx, spec, {});
  ASSERT_TRUE(good(again));
  EXPECT_EQ(*again, *first);
  EXPECT_TRUE(good(driver().ensure_network(ctx, spec, *first)));
  EXPECT_TRUE(fails_with(ErrorId::subnet_conflict, driver().ensure_network(ctx, spec, {{0x0A630000}, 24})));
}

TEST_P(DriverContract, NetworksOfTwoClustersDoNotOverlap) {
  const auto first = driver().ensure_network(ctx, spec, {});
  ASSERT_TRUE(good(first));
  const PlacedSpec other = make_spec();
  EXPECT_TRUE(fails_with(ErrorId::subnet_conflict, driver().ensure_network(ctx, other, *first)));
  const auto second = driver().ensure_network(ctx, other, {});
  ASSERT_TRUE(good(second));
  EXPECT_FALSE(first->overlaps(*second));
}

TEST_P(DriverContract, NetworkAvoidsTheClustersOwnRanges) {
  EXPECT_TRUE(fails_with(ErrorId::subnet_conflict, driver().ensure_network(ctx, spec, {{spec.pod_range.base}, 24})));
  EXPECT_TRUE(
      fails_with(ErrorId::subnet_conflict, driver().ensure_network(ctx, spec, {{spec.service_range.base}, 24})));
}

TEST_P(DriverContract, CommandsTellExitCodeAndBothStreams) {
  const NodeId id = share_first();
  EXPECT_EQ(run(id, {"fail", "0"}).exit_code, 0);
  EXPECT_EQ(run(id, {"fail", "7"}).exit_code, 7);
  const auto streams = run(id, {"streams"});
  EXPECT_EQ(streams.exit_code, 0);
  EXPECT_EQ(streams.out, "to out\n");
  EXPECT_EQ(streams.err, "to err\n");
  EXPECT_NE(run(id, {"no-such-program"}).exit_code, 0);
}

TEST_P(DriverContract, CommandsGetStdinAndEnvironment) {
  const NodeId id = share_first();
  EXPECT_EQ(run(id, {"cat"}).out, "") << "no input is an empty stdin";
  EXPECT_EQ(run(id, {"cat"}, "from here").out, "from here");

  std::string out;
  drivers::ExecRequest request;
  request.argv = {"value", "GREETING"};
  request.env = {{"GREETING", "good day"}};
  request.out = [&](std::string_view piece) { out += piece; };
  ASSERT_TRUE(good(driver().exec(ctx, id, request)));
  EXPECT_EQ(out, "good day\n");
}

TEST_P(DriverContract, BigStreamsPassBothWaysAtOnce) {
  const NodeId id = share_first();
  std::string input(8 << 20, '\0');
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<char>(i * 2654435761U >> 13);
  EXPECT_EQ(sys::sha256_hex(run(id, {"cat"}, input).out), sys::sha256_hex(input));
}

TEST_P(DriverContract, FailingInputEndsTheCommand) {
  const NodeId id = share_first();
  drivers::ExecRequest request;
  request.argv = {"cat"};
  request.in = [](const Context&) -> Result<std::string> { return make_error(ErrorId::disk_full, "no more"); };
  EXPECT_TRUE(fails_with(ErrorId::disk_full, driver().exec(ctx, id, request)));
}

TEST_P(DriverContract, StreamsReachPortsInsideTheNode) {
  const NodeId id = share_first();
  for (int tries = 0;; ++tries) {  // the listener needs an instant after the node's start
    auto stream = driver().open(ctx, id, "127.0.0.1", 7007);
    ASSERT_TRUE(good(stream));
    ASSERT_TRUE(good((*stream)->write(ctx, "ping")));
    std::array<char, 16> buffer{};
    const auto count = (*stream)->read(ctx, buffer);
    if (!count.ok() && tries < 100) {
      ASSERT_TRUE(good(ctx.pause(std::chrono::milliseconds(20))));
      continue;
    }
    ASSERT_TRUE(good(count));
    EXPECT_EQ(std::string_view(buffer.data(), *count), "ping");
    ASSERT_TRUE(good((*stream)->close_write(ctx)));
    const auto end = (*stream)->read(ctx, buffer);
    ASSERT_TRUE(good(end));
    EXPECT_EQ(*end, 0U);
    break;
  }
  std::array<char, 16> buffer{};
  auto refused = driver().open(ctx, id, "127.0.0.1", 1);
  EXPECT_TRUE(!refused.ok() || !(*refused)->read(ctx, buffer).ok());
}

TEST_P(DriverContract, StoppedContextEndsEveryCall) {
  std::stop_source stop;
  stop.request_stop();
  const Context stopped{stop.get_token(), Deadline::never(), &events};
  EXPECT_TRUE(fails_with(ErrorId::interrupted, driver().all_nodes(stopped)));
  EXPECT_TRUE(fails_with(ErrorId::interrupted, driver().ensure_network(stopped, spec, {})));
}

TEST_P(DriverContract, TellsWhatACallHadToMake) {
  join_network(spec);
  const NodeSpec node = nodes_of(spec).front();
  const auto first = driver().ensure_node(ctx, spec, node, tree());
  ASSERT_TRUE(good(first));
  EXPECT_TRUE(first->node);
  EXPECT_TRUE(first->storage);
  const auto again = driver().ensure_node(ctx, spec, node, tree());
  ASSERT_TRUE(good(again));
  EXPECT_FALSE(again->node);
  EXPECT_FALSE(again->storage);
}

TEST_P(DriverContract, AnotherClusterOfTheNameIsSomebodyElses) {
  const NodeId mine = share_first();
  const PlacedSpec theirs = namesake();
  const NodeSpec node = nodes_of(spec).front();
  const NodeId same_name{identity_of(theirs), node.name};

  EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().ensure_network(ctx, theirs, {})));
  const auto made = driver().ensure_node(ctx, theirs, node, tree());
  ASSERT_TRUE(fails_with(ErrorId::name_conflict, made));
  EXPECT_TRUE(seen(theirs).empty());
  EXPECT_TRUE(good(driver().stop_node(ctx, same_name)));
  EXPECT_TRUE(fails_with(ErrorId::cluster_not_running, driver().pause_node(ctx, same_name)));
  EXPECT_TRUE(good(driver().remove_node(ctx, same_name)));
  EXPECT_TRUE(good(driver().remove_leftovers(ctx, identity_of(theirs))));

  ASSERT_EQ(seen(spec).size(), 1U);
  EXPECT_EQ(seen(spec)[0].state, NodeState::running);
  EXPECT_EQ(seen(spec)[0].owner, "the contract suite");
  EXPECT_EQ(run(mine, {"cat", "/etc/skiff/config"}).out, "hello");
  EXPECT_TRUE(good(driver().ensure_network(ctx, spec, {}))) << "the network is there";
}

INSTANTIATE_TEST_SUITE_P(All, DriverContract, ::testing::Values(fake_provider(), docker_provider(), libvirt_provider()),
                         [](const auto& provider) { return provider.param.name; });

}  // namespace
}  // namespace skiff::contract
