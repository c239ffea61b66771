// SPDX-License-Identifier: Apache-2.0
// The Driver for libvirt: puts the parts of this folder behind the interface.
#include "drivers/driver_table.h"
#include "drivers/libvirt/daemon.h"
#include "drivers/libvirt/exec.h"
#include "drivers/libvirt/image.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/node.h"

namespace skiff::drivers {

namespace {

using libvirt::Parts;

// "9000000" -> "9.0.0", as libvirt counts versions.
std::string version_text(unsigned long version) {
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

class LibvirtDriver final : public Driver {
 public:
  explicit LibvirtDriver(const std::string& uri) : daemon_(uri) {}

  Result<Health> check(const Context& ctx) override {
    return daemon_.run(ctx, [](const Context& c, Parts& parts) -> Result<Health> {
      auto& connection = parts.connection;
      const auto conn = TRY(connection.open(c));
      const auto& api = connection.api();
      unsigned long daemon = 0;
      unsigned long hypervisor = 0;
      TRY(connection.done(api.virConnectGetLibVersion(conn, &daemon), "tell its version"));
      if (api.virConnectGetVersion(conn, &hypervisor) < 0) {
        return make_error(ErrorId::tool_not_found, "libvirt finds no QEMU for x86-64",
                          "Run 'sudo apt install qemu-system-x86', or the like on your distribution");
      }
      virNodeInfo host{};
      TRY(connection.done(api.virNodeGetInfo(conn, &host), "look at the host"));
      return Health{"libvirt " + version_text(daemon),
                    {{"QEMU", version_text(hypervisor)},
                     {"at", connection.uri()},
                     {"processors", std::to_string(host.cpus) + (connection.emulated() ? " emulated (no KVM)" : "")},
                     {"memory", std::to_string(host.memory >> 10) + " MiB"}}};
    });
  }

  Result<DriverTraits> traits(const Context& ctx) override {
    return daemon_.run(ctx, [](const Context&, Parts& parts) -> Result<DriverTraits> {
      return DriverTraits{.own_kernel = true,
                          .reachable_from_host = parts.connection.is_local(),
                          .api_host = parts.connection.host(),
                          .slow = parts.connection.emulated(),
                          .architecture = "amd64"};  // as domain_xml() describes them, on whatever host
    });
  }

  // libvirt tells nothing of its host's network, so that machines there ask the server of their own (network.h). Their
  // clocks are set by this host's.
  Result<HostFacts> host_facts(const Context& ctx, const std::string&) override {
    return daemon_.run(ctx, [](const Context&, Parts& parts) -> Result<HostFacts> {
      if (parts.connection.is_local()) return facts_of_this_host();
      return HostFacts{.resolver = {}, .uplink_mtu = std::nullopt, .now = std::time(nullptr)};
    });
  }

  Result<void> drop_image(const Context& ctx, const std::string& reference) override {
    return daemon_.run(ctx, [reference](const Context& c, Parts& parts) {
      return libvirt::drop_image(c, parts.connection, reference);
    });
  }

  Result<std::vector<NodeImage>> images(const Context& ctx) override {
    return daemon_.run(ctx, [](const Context& c, Parts& parts) { return libvirt::images(c, parts.connection); });
  }

  Result<void> ensure_image(const Context& ctx, const NodeImage& image) override {
    return daemon_.run(
        ctx, [image](const Context& c, Parts& parts) { return libvirt::ensure_image(c, parts.connection, image); });
  }

  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override {
    return daemon_.run(ctx, [spec, wanted](const Context& c, Parts& parts) {
      return libvirt::ensure_network(c, parts.connection, spec, wanted);
    });
  }

  Result<Made> ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                           const FileTree& tree) override {
    // One that fails takes back what it has made, which whoever leaves it would have to do without knowing of it.
    constexpr auto grace = std::chrono::seconds(30);
    auto made = daemon_.run(
        ctx,
        [spec, node, tree](const Context& c, Parts& parts) {
          return libvirt::ensure_node(c, parts.connection, parts.machines, spec, node, tree);
        },
        grace);
    return with_trail(std::move(made), "making machine " + node.name);
  }

  Result<void> stop_node(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx, [id](const Context& c, Parts& parts) {
      return libvirt::stop_node(c, parts.connection, parts.machines, id);
    });
  }

  Result<void> save_node(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx,
                       [id](const Context& c, Parts& parts) { return libvirt::save_node(c, parts.connection, id); });
  }

  Result<void> pause_node(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx,
                       [id](const Context& c, Parts& parts) { return libvirt::pause_node(c, parts.connection, id); });
  }

  Result<void> unpause_node(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx, [id](const Context& c, Parts& parts) {
      return libvirt::unpause_node(c, parts.connection, parts.machines, id);
    });
  }

  Result<void> remove_node(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx,
                       [id](const Context& c, Parts& parts) { return libvirt::remove_node(c, parts.connection, id); });
  }

  Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) override {
    return daemon_.run(ctx, [cluster](const Context& c, Parts& parts) {
      return libvirt::remove_leftovers(c, parts.connection, cluster);
    });
  }

  Result<std::vector<ObservedNode>> all_nodes(const Context& ctx) override {
    return daemon_.run(ctx, [](const Context& c, Parts& parts) { return libvirt::all_nodes(c, parts.connection); });
  }

  // The conversations themselves go by sockets that heed their context.
  Result<int> exec(const Context& ctx, const NodeId& id, const ExecRequest& request) override {
    auto conversation = TRY(ask(ctx, id, libvirt::exec_request(request)));
    return libvirt::attend(ctx, conversation, request);
  }

  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const NodeId& id, std::string_view host,
                                            std::uint16_t port) override {
    auto conversation = TRY(ask(ctx, id, JsonObject{{"dial", std::string(host) + ":" + std::to_string(port)}}));
    if (auto done = conversation.expect_done(ctx); !done.ok()) {
      return done.error().id == ErrorId::node_command_failed ? make_error(ErrorId::network, done.error().what)
                                                             : done.error();
    }
    return conversation.release();
  }

  Result<std::string> console(const Context& ctx, const NodeId& id) override {
    return daemon_.run(ctx, [id](const Context& c, Parts& parts) { return libvirt::console(c, parts.connection, id); });
  }

 private:
  Result<libvirt::Conversation> ask(const Context& ctx, const NodeId& id, const Json& request) {
    return daemon_.run(ctx, [id, request](const Context& c, Parts& parts) {
      return libvirt::ask(c, parts.connection, parts.machines, id, request);
    });
  }

  libvirt::Daemon daemon_;
};

}  // namespace

DriverInfo libvirt_driver() {
  return {"libvirt", "virtual machines of libvirt and QEMU", true,
          [](const std::string& uri) -> std::unique_ptr<Driver> { return std::make_unique<LibvirtDriver>(uri); }};
}

}  // namespace skiff::drivers
