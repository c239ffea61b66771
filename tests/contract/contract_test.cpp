// SPDX-License-Identifier: Apache-2.0
#include "contract_test.h"

#include <map>

#include "sys/hash.h"

namespace skiff::contract {

namespace {

std::map<std::string, Shared> all_shared;

void remove_cluster(const Context& ctx, drivers::Driver& driver, const ClusterId& cluster) {
  for (const auto& node : driver.nodes(ctx, cluster).value_or({})) EXPECT_TRUE(good(driver.remove_node(ctx, node.id)));
  EXPECT_TRUE(good(driver.remove_leftovers(ctx, cluster)));
}

}  // namespace

Shared& shared_of(const Provider& provider) {
  auto& shared = all_shared[provider.name];
  if (!shared.subject) shared.subject = provider.make();
  return shared;
}

void drop_subjects() {
  NoEvents events;
  const Context ctx{{}, Deadline::in(std::chrono::minutes(1)), &events};
  for (auto& [name, shared] : all_shared) {
    if (shared.cluster) remove_cluster(ctx, shared.subject->driver(), identity_of(*shared.cluster));
  }
  all_shared.clear();
}

void ContractTest::SetUp() {
  if (const std::string reason = provider_.missing(); !reason.empty()) GTEST_SKIP() << reason;
  shared_ = &shared_of(provider_);
  ASSERT_TRUE(good(driver().ensure_image(ctx, subject().image())));
  spec = make_spec();
}

void ContractTest::TearDown() {
  for (const auto& cluster : clusters_) remove_cluster(ctx, driver(), cluster);
}

PlacedSpec ContractTest::make_spec(int nodes) {
  PlacedSpec made{{}, {}};  // until join_network()
  made.profile = "contract-" + sys::random_hex(4);
  made.id = "c" + sys::random_hex(8);
  made.owner = "the contract suite";
  grow(made, nodes);
  made.node_image = subject().image().reference;
  clusters_.push_back(identity_of(made));
  return made;
}

PlacedSpec ContractTest::namesake() {
  PlacedSpec made = spec;
  made.id = "c" + sys::random_hex(8);
  made.owner = "somebody else";
  clusters_.push_back(identity_of(made));
  return made;
}

void ContractTest::join_network(PlacedSpec& cluster) {
  const auto range = driver().ensure_network(ctx, cluster, {});
  ASSERT_TRUE(good(range));
  cluster.node_subnet = *range;
}

FileTree ContractTest::tree(std::string content) {
  FileTree made;
  made.add("/etc/skiff/config", std::move(content), 0600);
  made.add("/etc/skiff/ready", "");
  return made;
}

drivers::NodeId ContractTest::start_first() {
  join_network(spec);
  const NodeSpec node = nodes_of(spec).front();
  EXPECT_TRUE(good(driver().ensure_node(ctx, spec, node, tree())));
  return {identity_of(spec), node.name};
}

drivers::NodeId ContractTest::share_first() {
  if (shared_->cluster) {
    spec = *shared_->cluster;
    return {identity_of(spec), nodes_of(spec).front().name};
  }
  const drivers::NodeId id = start_first();
  std::erase(clusters_, identity_of(spec));  // drop_subjects() removes it
  shared_->cluster = spec;
  return id;
}

drivers::Captured ContractTest::run(const drivers::NodeId& id, std::vector<std::string> argv, std::string input) {
  auto captured = capture(ctx, driver(), id, std::move(argv), std::move(input));
  EXPECT_TRUE(good(captured));
  return captured.ok() ? *captured : drivers::Captured{-1, "", ""};
}

std::vector<drivers::ObservedNode> ContractTest::seen(const ClusterSpec& cluster) {
  auto nodes = driver().nodes(ctx, identity_of(cluster));
  EXPECT_TRUE(good(nodes));
  return nodes.value_or({});
}

}  // namespace skiff::contract
