// SPDX-License-Identifier: Apache-2.0
// What the libvirt driver promises beyond the contract.
#include <algorithm>

#include "contract_test.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/node.h"
#include "drivers/libvirt/storage.h"

namespace skiff::contract {
namespace {

namespace libvirt = drivers::libvirt;
using drivers::NodeId;
using drivers::NodeState;

class LibvirtDriver : public ContractTest {
 protected:
  LibvirtDriver() : ContractTest(libvirt_provider()), connection("") {}

  void SetUp() override {
    ContractTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(good(connection.open(ctx)));
  }
  void TearDown() override {
    ContractTest::TearDown();
    if (IsSkipped()) return;
    EXPECT_FALSE(has_volumes()) << "of a cluster that was removed";
  }

  std::vector<std::string> volumes() {
    const auto pool = libvirt::ensure_pool(ctx, connection);
    EXPECT_TRUE(good(pool));
    EXPECT_TRUE(good(libvirt::refresh(connection, *pool)));
    return libvirt::volume_names(connection, *pool).value_or({});
  }
  bool has_volumes() {
    const std::string prefix = libvirt::volume_prefix(identity_of(spec));
    return std::ranges::any_of(volumes(), [&](const std::string& name) { return name.starts_with(prefix); });
  }
  libvirt::Domain domain_of(const NodeId& id) {
    return {connection.api().virDomainLookupByName(*connection.open(ctx), id.name.c_str()),
            connection.api().virDomainFree};
  }

  libvirt::Connection connection;
};

TEST_F(LibvirtDriver, NodeHasItsNameAndAddress) {
  const NodeId id = start_first();
  EXPECT_EQ(run(id, {"cat", "/etc/hostname"}).out, id.name + "\n");
  const std::string address = to_string(nodes_of(spec)[0].address);
  EXPECT_NE(run(id, {"cat", "/etc/hosts"}).out.find(address + "\t" + id.name), std::string::npos);
  EXPECT_TRUE(has_volumes());
}

TEST_F(LibvirtDriver, AMachineOfAnotherImageHasItsSystemAndKeepsTheOneOfItsDisk) {
  const NodeId id = start_first();
  const NodeSpec node = nodes_of(spec)[0];
  const std::string first = spec.node_image;
  EXPECT_EQ(run(id, {"cat", "/etc/release"}).out, "first");
  const drivers::NodeImage other = subject().other_image();
  ASSERT_TRUE(good(driver().ensure_image(ctx, other)));
  spec.node_image = other.reference;
  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, {}))) << "without a tree it goes on as it is";
  EXPECT_EQ(seen(spec)[0].image, first);
  EXPECT_EQ(run(id, {"cat", "/etc/release"}).out, "first");

  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, tree("second"))));
  EXPECT_EQ(run(id, {"cat", "/etc/release"}).out, "second");
  EXPECT_EQ(seen(spec)[0].disk_image, first);
  ASSERT_EQ(run(id, {"store", "/of-today"}, "kept").exit_code, 0);
  for (const auto& needed : {first, other.reference}) {
    EXPECT_TRUE(fails_with(ErrorId::name_conflict, driver().remove_image(ctx, needed)));
  }

  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, node, tree("third"))));
  EXPECT_EQ(seen(spec)[0].disk_image, first);
  EXPECT_EQ(run(id, {"cat", "/of-today"}).out, "kept") << "it is renewed once";
}

TEST_F(LibvirtDriver, SavedMachineGoesOnWhereItWas) {
  const NodeId id = start_first();
  ASSERT_EQ(run(id, {"store", "/run/kept"}, "in memory").exit_code, 0);
  ASSERT_TRUE(good(driver().save_node(ctx, id)));
  EXPECT_EQ(seen(spec)[0].state, NodeState::saved);
  EXPECT_TRUE(good(driver().save_node(ctx, id))) << "a second time";
  EXPECT_TRUE(good(driver().stop_node(ctx, id))) << "has nothing to stop";
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(seen(spec)[0].state, NodeState::running);
  EXPECT_EQ(run(id, {"cat", "/run/kept"}).out, "in memory");
}

TEST_F(LibvirtDriver, MachineEndedOrUndefinedByHandComesBackWithItsDisk) {
  const NodeId id = start_first();
  ASSERT_EQ(run(id, {"store", "/etc/kept"}, "data").exit_code, 0);
  ASSERT_TRUE(good(driver().stop_node(ctx, id)));
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(connection.api().virDomainDestroy(domain_of(id).get()), 0);
  EXPECT_EQ(seen(spec)[0].state, NodeState::stopped);
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(run(id, {"cat", "/etc/kept"}).out, "data");

  EXPECT_EQ(connection.api().virDomainDestroy(domain_of(id).get()), 0);
  EXPECT_EQ(connection.api().virDomainUndefineFlags(domain_of(id).get(), 0), 0);
  EXPECT_TRUE(seen(spec).empty());
  ASSERT_TRUE(good(driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  EXPECT_EQ(run(id, {"cat", "/etc/kept"}).out, "data");
}

TEST_F(LibvirtDriver, ImageThatIsHandedOverInPartIsRemoved) {
  drivers::NodeImage image = subject().image();
  image.reference = "skiff-contract:partial";
  image.disk = "/nonexistent";
  EXPECT_TRUE(fails_with(ErrorId::host_error, driver().ensure_image(ctx, image)));
  for (const auto& name : volumes()) EXPECT_FALSE(name.starts_with("_skiff-contract_partial")) << name;
}

TEST_F(LibvirtDriver, MoreMemoryThanTheHostHasIsRefused) {
  join_network(spec);
  spec.memory_mib = 1 << 24;
  const NodeSpec node = nodes_of(spec)[0];
  EXPECT_TRUE(fails_with(ErrorId::too_little_memory, driver().ensure_node(ctx, spec, node, tree())));
  EXPECT_TRUE(seen(spec).empty());
  EXPECT_FALSE(has_volumes());
}

TEST_F(LibvirtDriver, DiskSmallerThanTheImageIsRefused) {
  join_network(spec);
  spec.disk_mib = 64;
  EXPECT_TRUE(fails_with(ErrorId::usage, driver().ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
}

}  // namespace
}  // namespace skiff::contract
