// The Driver for libvirt: puts the parts of this folder behind the interface.
#include "drivers/driver_table.h"
#include "drivers/libvirt/exec.h"
#include "drivers/libvirt/image.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/node.h"

namespace skiff::drivers {

namespace {

// "9000000" -> "9.0.0", as libvirt counts versions.
std::string version_text(unsigned long version) {
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

class LibvirtDriver final : public Driver {
 public:
  explicit LibvirtDriver(const std::string& uri) : connection_(uri), machines_(connection_) {}

  Result<Health> check(const Context& ctx) override {
    const auto conn = TRY(connection_.open(ctx));
    const auto& api = connection_.api();
    unsigned long daemon = 0;
    unsigned long hypervisor = 0;
    TRY(connection_.done(api.virConnectGetLibVersion(conn, &daemon), "tell its version"));
    if (api.virConnectGetVersion(conn, &hypervisor) < 0) {
      return make_error(ErrorId::tool_not_found, "libvirt finds no QEMU for x86-64",
                        "Run 'sudo apt install qemu-system-x86', or the like on your distribution");
    }
    virNodeInfo host{};
    TRY(connection_.done(api.virNodeGetInfo(conn, &host), "look at the host"));
    return Health{"libvirt " + version_text(daemon),
                  {{"QEMU", version_text(hypervisor)},
                   {"at", connection_.uri()},
                   {"processors", std::to_string(host.cpus) + (connection_.emulated() ? " emulated (no KVM)" : "")},
                   {"memory", std::to_string(host.memory >> 10) + " MiB"}}};
  }

  Result<DriverTraits> traits(const Context& ctx) override {
    TRY(connection_.open(ctx));
    return DriverTraits{.own_kernel = true,
                        .reachable_from_host = connection_.is_local(),
                        .api_host = connection_.host(),
                        .slow = connection_.emulated()};
  }

  Result<std::vector<NodeImage>> images(const Context& ctx) override { return libvirt::images(ctx, connection_); }

  Result<void> ensure_image(const Context& ctx, const NodeImage& image) override {
    return libvirt::ensure_image(ctx, connection_, image);
  }

  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override {
    return libvirt::ensure_network(ctx, connection_, spec, wanted);
  }

  Result<Made> ensure_node(const Context& ctx, const ClusterSpec& spec, const NodeSpec& node,
                           const FileTree& tree) override {
    return with_trail(libvirt::ensure_node(ctx, connection_, machines_, spec, node, tree),
                      "making machine " + node.name);
  }

  Result<void> stop_node(const Context& ctx, const NodeId& id) override {
    return libvirt::stop_node(ctx, connection_, machines_, id);
  }

  Result<void> save_node(const Context& ctx, const NodeId& id) override {
    return libvirt::save_node(ctx, connection_, id);
  }

  Result<void> pause_node(const Context& ctx, const NodeId& id) override {
    return libvirt::pause_node(ctx, connection_, id);
  }

  Result<void> unpause_node(const Context& ctx, const NodeId& id) override {
    return libvirt::unpause_node(ctx, connection_, machines_, id);
  }

  Result<void> remove_node(const Context& ctx, const NodeId& id) override {
    return libvirt::remove_node(ctx, connection_, id);
  }

  Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) override {
    return libvirt::remove_leftovers(ctx, connection_, cluster);
  }

  Result<std::vector<ObservedNode>> all_nodes(const Context& ctx) override {
    return libvirt::all_nodes(ctx, connection_);
  }

  Result<int> exec(const Context& ctx, const NodeId& id, const ExecRequest& request) override {
    auto conversation = TRY(libvirt::ask(ctx, connection_, machines_, id, libvirt::exec_request(request)));
    return libvirt::attend(ctx, conversation, request);
  }

  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const NodeId& id, std::string_view host,
                                            std::uint16_t port) override {
    const JsonObject request{{"dial", std::string(host) + ":" + std::to_string(port)}};
    auto conversation = TRY(libvirt::ask(ctx, connection_, machines_, id, request));
    if (auto done = conversation.expect_done(ctx); !done.ok()) {
      return done.error().id == ErrorId::node_command_failed ? make_error(ErrorId::network, done.error().what)
                                                             : done.error();
    }
    return conversation.release();
  }

  Result<std::string> console(const Context& ctx, const NodeId& id) override {
    return libvirt::console(ctx, connection_, id);
  }

 private:
  libvirt::Connection connection_;
  libvirt::Machines machines_;
};

}  // namespace

DriverInfo libvirt_driver() {
  return {"libvirt", "virtual machines of libvirt and QEMU", true,
          [](const std::string& uri) -> std::unique_ptr<Driver> { return std::make_unique<LibvirtDriver>(uri); }};
}

}  // namespace skiff::drivers
