// SPDX-License-Identifier: Apache-2.0
// The Driver for Docker: puts the parts of this folder behind the interface.
#include "drivers/docker/exec.h"
#include "drivers/docker/folders.h"
#include "drivers/docker/host_facts.h"
#include "drivers/docker/image.h"
#include "drivers/docker/network.h"
#include "drivers/docker/node.h"
#include "drivers/docker/published_api.h"
#include "drivers/driver_table.h"

namespace skiff::drivers {

namespace {

class DockerDriver final : public Driver {
 public:
  DockerDriver() : engine_(docker::find_endpoint()) {}

  Result<Health> check(const Context& ctx) override {
    const Json version = TRY(engine_.version(ctx));
    const Json info = TRY(engine_.info(ctx));
    // podman, which speaks Docker's API too, names itself as one of its parts.
    const bool podman = text_at(version, "Components.0.Name").starts_with("Podman");
    return Health{(podman ? "podman " : "Docker ") + text_at(version, "Version"),
                  {{"API", text_at(version, "ApiVersion")},
                   {"cgroup", "v" + text_at(info, "CgroupVersion", "1")},
                   {"storage", text_at(info, "Driver")},
                   {"kernel", text_at(info, "KernelVersion")},
                   {"system", text_at(info, "OperatingSystem")}}};
  }

  Result<DriverTraits> traits(const Context& ctx) override {
    const bool shared = TRY(docker::shares_our_network(ctx, engine_));
    return DriverTraits{.own_kernel = false,
                        .reachable_from_host = shared,
                        .api_host = shared ? "" : engine_.host(),
                        .publishes_ports = true,
                        .joins_networks = true,
                        .binds_folders = shared,
                        .architecture = text_at(TRY(engine_.version(ctx)), "Arch")};
  }

  Result<HostFacts> host_facts(const Context& ctx, const std::string& image) override {
    return docker::host_facts(ctx, engine_, image);
  }

  Result<std::vector<NodeImage>> images(const Context& ctx) override { return docker::images(ctx, engine_); }

  Result<void> ensure_image(const Context& ctx, const NodeImage& image) override {
    return docker::ensure_image(ctx, engine_, privileges_, image);
  }

  Result<void> drop_image(const Context& ctx, const std::string& reference) override {
    return docker::drop_image(ctx, engine_, reference);
  }

  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override {
    return docker::ensure_network(ctx, engine_, spec, wanted);
  }

  Result<Made> ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                           const FileTree& tree) override {
    return with_trail(docker::ensure_node(ctx, engine_, privileges_, spec, node, tree), "making node " + node.name);
  }

  Result<void> stop_node(const Context& ctx, const NodeId& id) override { return docker::stop_node(ctx, engine_, id); }

  Result<void> pause_node(const Context& ctx, const NodeId& id) override {
    return docker::pause_node(ctx, engine_, id);
  }

  Result<void> unpause_node(const Context& ctx, const NodeId& id) override {
    return docker::unpause_node(ctx, engine_, id);
  }

  Result<void> remove_node(const Context& ctx, const NodeId& id) override {
    return docker::remove_node(ctx, engine_, id);
  }

  Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) override {
    return docker::remove_leftovers(ctx, engine_, cluster);
  }

  Result<std::vector<ObservedNode>> all_nodes(const Context& ctx) override { return docker::all_nodes(ctx, engine_); }

  Result<int> exec(const Context& ctx, const NodeId& id, const ExecRequest& request) override {
    return docker::exec(ctx, engine_, id.name, request);
  }

  Result<void> bind_folders(const Context& ctx, const std::vector<NodeId>& nodes,
                            const std::vector<FolderMount>& folders) override {
    return docker::bind_folders(ctx, engine_, privileges_, nodes, folders);
  }

  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const NodeId& id, std::string_view host,
                                            std::uint16_t port) override {
    return docker::open_tcp(ctx, engine_, id.name, host, port);
  }

  Result<std::string> console(const Context& ctx, const NodeId& id) override {
    return docker::console(ctx, engine_, id.name);
  }

 private:
  docker::Engine engine_;
  docker::PrivilegeChoice privileges_;
};

}  // namespace

DriverInfo docker_driver() {
  return {"docker", "containers of the Docker engine", false,
          [](const std::string&) -> std::unique_ptr<Driver> { return std::make_unique<DockerDriver>(); }};
}

}  // namespace skiff::drivers
