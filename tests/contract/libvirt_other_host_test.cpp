// SPDX-License-Identifier: Apache-2.0
// Machines of a libvirt on another host. It is the same daemon here, by a URI that could as well lead elsewhere:
// machines are then reached by ports of their host alone.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "contract_test.h"
#include "drivers/driver_table.h"
#include "sys/hash.h"
#include "sys/net/socket_stream.h"

namespace skiff::contract {
namespace {

using drivers::NodeId;

std::uint16_t port_of(const std::string& place) {
  return static_cast<std::uint16_t>(std::stoi(place.substr(place.rfind(':') + 1)));
}

int listen_at(const std::string& place) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_of(place));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd, 1), 0);
  return fd;
}

class LibvirtOnAnotherHost : public ContractTest {
 protected:
  LibvirtOnAnotherHost() : ContractTest(libvirt_provider()) {}
  void SetUp() override {
    ContractTest::SetUp();
    if (IsSkipped()) return;
    std::ofstream(way) << "#!/bin/sh\nexec socat -t 60 - UNIX-CONNECT:/run/libvirt/libvirt-sock\n";
    std::filesystem::permissions(way, std::filesystem::perms::owner_all);
    far = drivers::find_driver("libvirt").value().make("qemu+ext://127.0.0.1/system?command=" + way);
    join_network(spec);
  }
  ~LibvirtOnAnotherHost() override { std::filesystem::remove(way); }

  drivers::ObservedNode start(std::size_t index) {
    const NodeSpec node = nodes_of(spec)[index];
    EXPECT_TRUE(good(far->ensure_node(ctx, spec, node, tree())));
    const auto nodes = far->nodes(ctx, identity_of(spec));
    EXPECT_TRUE(good(nodes));
    for (const auto& each : nodes.value_or({})) {
      if (each.id.name == node.name) return each;
    }
    ADD_FAILURE() << "there is no " << node.name;
    return {};
  }
  std::string echoed(const std::string& place) {
    auto stream = sys::Socket::connect_tcp(ctx, "127.0.0.1", port_of(place));
    EXPECT_TRUE(good(stream));
    if (!stream.ok()) return {};
    EXPECT_TRUE(good((*stream)->write(ctx, "ping")));
    std::array<char, 16> buffer{};
    return std::string(buffer.data(), (*stream)->read(ctx, buffer).value_or(0));
  }

  const std::string way = std::filesystem::temp_directory_path() / ("skiff-contract-" + sys::random_hex(6));
  std::unique_ptr<drivers::Driver> far;
};

TEST_F(LibvirtOnAnotherHost, MachinesAreReachedByPublishedPorts) {
  const auto traits = far->traits(ctx);
  ASSERT_TRUE(good(traits));
  EXPECT_FALSE(traits->reachable_from_host);
  EXPECT_EQ(traits->api_host, "127.0.0.1");

  const auto facts = far->host_facts(ctx, spec.node_image);
  ASSERT_TRUE(good(facts));
  EXPECT_TRUE(facts->resolver.servers.empty()) << "not this host's";

  const auto first = start(0);
  const auto second = start(1);
  EXPECT_TRUE(first.api.starts_with("127.0.0.1:26")) << first.api;
  EXPECT_EQ(second.api, "") << "a worker has no API";
  EXPECT_EQ(echoed(first.api), "ping");
  for (const auto& node : {first, second}) {
    const auto ran = capture(ctx, *far, node.id, {"cat", "/etc/hostname"});
    ASSERT_TRUE(good(ran));
    EXPECT_EQ(ran->out, node.id.name + "\n");
  }
  EXPECT_EQ(run(first.id, {"cat", "/etc/skiff/config"}).out, "hello") << "from its own host, at its address";
}

TEST_F(LibvirtOnAnotherHost, PortsAreKeptAndOneThatIsTakenIsNamed) {
  const auto before = start(0);
  ASSERT_TRUE(good(far->stop_node(ctx, before.id)));
  const int thief = listen_at(before.api);
  EXPECT_TRUE(fails_with(ErrorId::port_in_use, far->ensure_node(ctx, spec, nodes_of(spec)[0], tree())));
  ::close(thief);
  EXPECT_EQ(start(0).api, before.api);
}

TEST_F(LibvirtOnAnotherHost, MachineMadeForItsOwnHostAloneSaysSo) {
  const NodeId id = share_first();
  EXPECT_EQ(far->nodes(ctx, identity_of(spec)).value_or({}).at(0).api, "");
  EXPECT_TRUE(fails_with(ErrorId::network, capture(ctx, *far, id, {"cat"})));
}

}  // namespace
}  // namespace skiff::contract
