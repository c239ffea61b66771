// SPDX-License-Identifier: Apache-2.0
// What the libvirt driver makes of libvirt's answers, on the host that libvirt plays for tests: its domains, networks
// and volumes are real to the API and run nothing.
#include <gtest/gtest.h>

#include <filesystem>

#include "drivers/libvirt/image.h"
#include "drivers/libvirt/metadata.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/node.h"
#include "sys/hash.h"
#include "sys/net/host_net.h"

namespace skiff::drivers::libvirt {
namespace {

TEST(LibvirtConnection, HostIsThatOfTheUri) {
  EXPECT_EQ(Connection("").host(), "") << "the default is this host's";
  EXPECT_EQ(Connection("qemu:///system").host(), "");
  EXPECT_EQ(Connection("qemu+unix:///system?socket=/tmp/s").host(), "");
  EXPECT_EQ(Connection("qemu+ssh://build.test/system").host(), "build.test");
  EXPECT_EQ(Connection("qemu+ssh://me@build.test:2222/system?no_verify=1").host(), "build.test");
  EXPECT_EQ(Connection("qemu+tls://[fd00::1]:16514/system").host(), "fd00::1");
}

class LibvirtTestHost : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("SKIFF_CACHE_DIR", cache_.c_str(), 1);
    const auto opened = connection.open(ctx);
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    spec = spec_of("lab");
  }
  ~LibvirtTestHost() override {
    ::unsetenv("SKIFF_CACHE_DIR");
    std::filesystem::remove_all(cache_);
  }

  static PlacedSpec spec_of(const std::string& profile) {
    PlacedSpec made({}, {});
    made.profile = profile;
    made.node_image = "skiff-machine:v1";
    made.node_subnet = parse_cidr("192.168.80.0/24").value();
    return made;
  }

  void define(const std::string& name, const Labels& labels, bool start) {
    const std::string xml =
        to_xml(Element("domain", {{"type", "test"}},
                       {Element::of("name", name), metadata(labels), Element::of("memory", "64", {{"unit", "MiB"}}),
                        Element("os", {}, {Element::of("type", "hvm")})}));
    const Domain domain(connection.api().virDomainDefineXML(*connection.open(ctx), xml.c_str()),
                        connection.api().virDomainFree);
    ASSERT_TRUE(domain) << connection.failure("define").what;
    if (start) run(name);
  }
  Domain domain_of(const std::string& name) {
    return {connection.api().virDomainLookupByName(*connection.open(ctx), name.c_str()),
            connection.api().virDomainFree};
  }
  void run(const std::string& name) { ASSERT_EQ(connection.api().virDomainCreate(domain_of(name).get()), 0); }
  NodeId define_first(bool start) {
    const NodeSpec node = nodes_of(spec).front();
    define(node.name, node_labels(spec, node), start);
    return {identity_of(spec), node.name};
  }
  void make_volume(const std::string& name) {
    const auto pool = ensure_pool(ctx, connection);
    ASSERT_TRUE(pool.ok()) << pool.error().what;
    ASSERT_TRUE(create_volume(connection, *pool, {.name = name, .bytes = 4096}).ok());
  }
  std::vector<std::string> volumes() {
    const auto pool = ensure_pool(ctx, connection);
    return pool.ok() ? volume_names(connection, *pool).value_or({}) : std::vector<std::string>();
  }
  std::vector<std::string> listed(std::string_view cluster) {
    std::vector<std::string> all;
    for (const auto& node : all_nodes(ctx, connection).value_or({})) {
      if (cluster.empty() || node.id.cluster.name == cluster)
        all.push_back(node.id.name + " " + std::string(to_string(node.state)));
    }
    return all;
  }
  template <class T>
  static ErrorId id_of(const Result<T>& result) {
    EXPECT_FALSE(result.ok());
    return result.ok() ? ErrorId::internal : result.error().id;
  }

  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(30)), &events};
  Connection connection{"test:///default"};
  Machines machines{connection};
  PlacedSpec spec{{}, {}};

 private:
  const std::string cache_ = std::filesystem::temp_directory_path() / ("skiff-libvirt-" + sys::random_hex(6));
};

using Names = std::vector<std::string>;

TEST_F(LibvirtTestHost, NodesAreWhatCarriesOurLabels) {
  define_first(true);
  define("db", {}, true);
  define("db-cp1", {{"owner", "me"}}, true);
  EXPECT_EQ(listed(""), Names{"lab-cp1 running"});
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 running"});
  EXPECT_EQ(listed("other"), Names{});
}

TEST_F(LibvirtTestHost, StateIsLibvirtsOwnAndADisksPresence) {
  const NodeId id = define_first(false);
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 broken"}) << "it has no disk";
  make_volume(node_volume({"lab", ""}, "lab-cp1", "disk"));
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 stopped"});
  EXPECT_EQ(id_of(pause_node(ctx, connection, id)), ErrorId::cluster_not_running);
  run("lab-cp1");
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 running"});
  ASSERT_TRUE(pause_node(ctx, connection, id).ok());
  EXPECT_TRUE(pause_node(ctx, connection, id).ok()) << "a second time";
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 paused"});
  ASSERT_TRUE(save_node(ctx, connection, id).ok());
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 saved"});
}

TEST_F(LibvirtTestHost, MachineOfThatNameThatIsNotOursStaysAsItIs) {
  define("lab-cp1", {}, true);
  const NodeSpec node = nodes_of(spec).front();
  EXPECT_EQ(id_of(ensure_node(ctx, connection, machines, spec, node, {})), ErrorId::name_conflict);
  EXPECT_TRUE(stop_node(ctx, connection, machines, {{"lab", ""}, "lab-cp1"}).ok())
      << "absent as far as we are concerned";
  EXPECT_TRUE(remove_node(ctx, connection, {{"lab", ""}, "lab-cp1"}).ok());
  EXPECT_TRUE(remove_leftovers(ctx, connection, {"lab", ""}).ok());
  const Domain domain = domain_of("lab-cp1");
  ASSERT_TRUE(domain);
  EXPECT_EQ(connection.api().virDomainIsActive(domain.get()), 1);
}

TEST_F(LibvirtTestHost, NodeIsRemovedWithItsVolumesAndNoOthers) {
  const NodeId id = define_first(true);
  for (const auto* name :
       {"lab_lab-cp1.disk", "lab_lab-cp1.tree", "lab_lab-w1.disk", "lab2_lab2-cp1.disk", "_image_v1.disk"})
    make_volume(name);
  ASSERT_TRUE(remove_node(ctx, connection, id).ok());
  EXPECT_TRUE(remove_node(ctx, connection, id).ok()) << "a second time";
  EXPECT_EQ(listed("lab"), Names{});
  auto left = volumes();
  std::ranges::sort(left);
  EXPECT_EQ(left, (Names{"_image_v1.disk", "lab2_lab2-cp1.disk", "lab_lab-w1.disk"}));
  ASSERT_TRUE(remove_leftovers(ctx, connection, {"lab", ""}).ok());
  left = volumes();
  std::ranges::sort(left);
  EXPECT_EQ(left, (Names{"_image_v1.disk", "lab2_lab2-cp1.disk"}));
}

TEST_F(LibvirtTestHost, VolumesOfAMachineThatSomebodyUndefinedAreRemovedWithTheNode) {
  for (const auto* name : {"lab_lab-w1.disk", "lab_lab-w1.tree", "lab_lab-w2.disk"}) make_volume(name);
  ASSERT_TRUE(remove_node(ctx, connection, {{"lab", ""}, "lab-w1"}).ok());
  EXPECT_EQ(volumes(), Names{"lab_lab-w2.disk"});
  define("lab-w2", {}, false);  // somebody else's
  ASSERT_TRUE(remove_node(ctx, connection, {{"lab", ""}, "lab-w2"}).ok());
  EXPECT_EQ(volumes(), Names{"lab_lab-w2.disk"});
}

TEST_F(LibvirtTestHost, LookingMakesNoStoragePool) {
  define_first(false);
  const auto pool = [&] { return find_pool(ctx, connection).value().has_value(); };
  EXPECT_EQ(listed("lab"), Names{"lab-cp1 broken"});
  const auto found = images(ctx, connection);
  EXPECT_TRUE(found.ok() && found->empty());
  EXPECT_EQ(console(ctx, connection, {{"lab", ""}, "lab-cp1"}).value_or("any"), "");
  EXPECT_FALSE(pool());
  ASSERT_TRUE(remove_node(ctx, connection, {{"lab", ""}, "lab-cp1"}).ok());
  ASSERT_TRUE(remove_leftovers(ctx, connection, {"lab", ""}).ok());
  EXPECT_FALSE(pool()) << "nor does removing";
  ASSERT_TRUE(ensure_pool(ctx, connection).ok());
  EXPECT_TRUE(pool());
}

TEST_F(LibvirtTestHost, MachineThatDoesNotRunTakesNoCommands) {
  define_first(false);
  EXPECT_EQ(id_of(ask(ctx, connection, machines, {{"lab", ""}, "lab-cp1"}, JsonObject{})),
            ErrorId::cluster_not_running);
  EXPECT_EQ(id_of(ask(ctx, connection, machines, {{"lab", ""}, "lab-w7"}, JsonObject{})), ErrorId::cluster_not_running);
  EXPECT_EQ(id_of(console(ctx, connection, {{"lab", ""}, "lab-w7"})), ErrorId::node_not_found);
}

TEST_F(LibvirtTestHost, NetworksDoNotOverlapAndKeepTheirRange) {
  const Cidr there = parse_cidr("192.168.122.0/24").value();  // of libvirt's own network "default"
  EXPECT_EQ(id_of(ensure_network(ctx, connection, spec, there)), ErrorId::subnet_conflict);
  const auto first = ensure_network(ctx, connection, spec, {});
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(ensure_network(ctx, connection, spec, {}).value_or(Cidr{}), *first);
  EXPECT_EQ(id_of(ensure_network(ctx, connection, spec, there)), ErrorId::subnet_conflict) << "it has another range";
  const auto second = ensure_network(ctx, connection, spec_of("lab2"), {});
  ASSERT_TRUE(second.ok()) << second.error().what;
  EXPECT_FALSE(second->overlaps(*first));

  ASSERT_TRUE(remove_networks(ctx, connection, {"lab", ""}).ok());
  EXPECT_TRUE(remove_networks(ctx, connection, {"lab", ""}).ok()) << "a second time";
  EXPECT_EQ(ensure_network(ctx, connection, spec_of("lab2"), {}).value_or(Cidr{}), *second) << "the other one stays";
}

TEST(LibvirtNetwork, MtuOfAnotherHostIsLeftToLibvirt) {
  EXPECT_EQ(network_mtu(Connection("qemu:///system")), sys::uplink_mtu());
  EXPECT_EQ(network_mtu(Connection("qemu+ssh://build.test/system")), std::nullopt);
}

TEST_F(LibvirtTestHost, NetworkOfThatNameThatIsNotOursIsAConflict) {
  const std::string xml =
      "<network><name>skiff-lab</name><ip address='192.168.99.1' netmask='255.255.255.0'/></network>";
  const Network network(connection.api().virNetworkDefineXML(*connection.open(ctx), xml.c_str()),
                        connection.api().virNetworkFree);
  ASSERT_TRUE(network);
  EXPECT_EQ(id_of(ensure_network(ctx, connection, spec, {})), ErrorId::name_conflict);
  ASSERT_TRUE(remove_networks(ctx, connection, {"lab", ""}).ok());
  EXPECT_EQ(connection.api().virNetworkIsActive(network.get()), 0) << "it is still there";
}

}  // namespace
}  // namespace skiff::drivers::libvirt
