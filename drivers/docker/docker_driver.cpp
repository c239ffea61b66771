// The Driver for Docker: puts the parts of this folder behind the interface.
#include <sys/utsname.h>
#include <unistd.h>

#include <array>

#include "drivers/docker/exec.h"
#include "drivers/docker/image.h"
#include "drivers/docker/network.h"
#include "drivers/docker/node.h"
#include "drivers/driver_table.h"

namespace skiff::drivers {

namespace {

// Whether the engine and this process share one machine and one network: a Docker Desktop has a kernel and a name of
// its own, and a rootless engine keeps its bridges in a namespace.
bool shares_our_network(const Json& info) {
  utsname kernel{};
  uname(&kernel);
  for (const auto& option : array_at(info, "SecurityOptions")) {
    if (option.is_string() && option.get_string() == "name=rootless") return false;
  }
  return text_at(info, "Name") == kernel.nodename && text_at(info, "KernelVersion") == kernel.release;
}

class DockerDriver final : public Driver {
 public:
  DockerDriver() : engine_(docker::find_endpoint()) {}

  Result<Health> check(const Context& ctx) override {
    const Json version = TRY(engine_.version(ctx));
    const Json info = TRY(engine_.info(ctx));
    return Health{"Docker " + text_at(version, "Version"),
                  {{"API", text_at(version, "ApiVersion")},
                   {"cgroup", "v" + text_at(info, "CgroupVersion", "1")},
                   {"storage", text_at(info, "Driver")},
                   {"kernel", text_at(info, "KernelVersion")},
                   {"system", text_at(info, "OperatingSystem")}}};
  }

  Result<DriverTraits> traits(const Context& ctx) override {
    if (!engine_.on_unix_socket()) return DriverTraits{false, false};
    return DriverTraits{false, shares_our_network(TRY(engine_.info(ctx)))};
  }

  Result<std::vector<NodeImage>> images(const Context& ctx) override { return docker::images(ctx, engine_); }

  Result<void> ensure_image(const Context& ctx, const NodeImage& image) override {
    return docker::ensure_image(ctx, engine_, privileges_, image);
  }

  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override {
    return docker::ensure_network(ctx, engine_, spec, wanted);
  }

  Result<void> ensure_node(const Context& ctx, const ClusterSpec& spec, const NodeSpec& node,
                           const FileTree& tree) override {
    return with_trail(docker::ensure_node(ctx, engine_, privileges_, spec, node, tree), "making node " + node.name);
  }

  Result<void> stop_node(const Context& ctx, const NodeId& id) override { return docker::stop_node(ctx, engine_, id); }

  Result<void> remove_node(const Context& ctx, const NodeId& id) override {
    return docker::remove_node(ctx, engine_, id);
  }

  Result<void> remove_leftovers(const Context& ctx, std::string_view cluster) override {
    return docker::remove_leftovers(ctx, engine_, cluster);
  }

  Result<std::vector<ObservedNode>> nodes(const Context& ctx, std::string_view cluster) override {
    return docker::nodes(ctx, engine_, cluster);
  }

  Result<int> exec(const Context& ctx, const NodeId& id, const ExecRequest& request) override {
    return docker::exec(ctx, engine_, id.name, request);
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
  return {"docker", "nodes are containers of the local Docker engine",
          []() -> std::unique_ptr<Driver> { return std::make_unique<DockerDriver>(); }};
}

}  // namespace skiff::drivers
