// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/world_driver.h"

#include <cstring>

#include "tests/fakes/fake_world.h"

namespace skiff::fakes {

using drivers::NodeId;

namespace {

// A DNS server behind an open connection: each question has one address for an answer.
class DnsStream final : public sys::Stream {
 public:
  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override {
    TRY(ctx.check());
    const std::size_t size = answer_.copy(buffer.data(), buffer.size());
    answer_.erase(0, size);
    return size;
  }
  Result<void> write(const Context& ctx, std::string_view bytes) override {
    TRY(ctx.check());
    std::string message(bytes.substr(2));  // behind its length: id, flags, counts, the question
    message[2] = static_cast<char>(0x81);
    message[3] = static_cast<char>(0x80);
    message[7] = 1;
    message += std::string("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x1e\x00\x04\x0a\x60\x00\x01", 16);
    answer_ = {static_cast<char>(message.size() >> 8), static_cast<char>(message.size() & 0xff)};
    answer_ += message;
    return {};
  }
  Result<void> close_write(const Context&) override { return {}; }

 private:
  std::string answer_;
};

}  // namespace

class WorldDriver final : public drivers::Driver {
 public:
  explicit WorldDriver(FakeWorld& world) : world_(world), machines_(world.provider) {}

  Result<drivers::Health> check(const Context& ctx) override {
    return world_.call("check", [&] { return machines_.check(ctx); });
  }
  Result<drivers::DriverTraits> traits(const Context& ctx) override {
    return world_.call("traits", [&] { return machines_.traits(ctx); });
  }
  Result<drivers::HostFacts> host_facts(const Context& ctx, const std::string& image) override {
    return world_.call("host_facts", [&] { return machines_.host_facts(ctx, image); });
  }
  Result<std::vector<drivers::NodeImage>> images(const Context& ctx) override {
    return world_.call("images", [&] { return machines_.images(ctx); });
  }
  Result<void> ensure_image(const Context& ctx, const drivers::NodeImage& image) override {
    return world_.call("ensure_image", [&] { return machines_.ensure_image(ctx, image); });
  }
  Result<void> drop_image(const Context& ctx, const std::string& reference) override {
    return world_.call("drop_image", [&] { return machines_.drop_image(ctx, reference); });
  }
  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override {
    return world_.call("ensure_network " + spec.profile, [&] { return machines_.ensure_network(ctx, spec, wanted); });
  }
  Result<drivers::Made> ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                                    const FileTree& tree) override {
    return world_.call("ensure_node " + node.name, [&] { return machines_.ensure_node(ctx, spec, node, tree); });
  }
  Result<void> stop_node(const Context& ctx, const NodeId& id) override {
    return world_.call("stop_node " + id.name, [&] { return machines_.stop_node(ctx, id); });
  }
  Result<void> pause_node(const Context& ctx, const NodeId& id) override {
    return world_.call("pause_node " + id.name, [&] { return machines_.pause_node(ctx, id); });
  }
  Result<void> unpause_node(const Context& ctx, const NodeId& id) override {
    return world_.call("unpause_node " + id.name, [&] { return machines_.unpause_node(ctx, id); });
  }
  Result<void> remove_node(const Context& ctx, const NodeId& id) override {
    return world_.call("remove_node " + id.name, [&]() -> Result<void> {
      TRY(machines_.remove_node(ctx, id));
      const auto volume = world_.volumes.find(id.name);
      const bool gone = volume != world_.volumes.end() && !machines_.machines.contains(id.name);
      if (gone && volume->second.cluster == id.cluster) world_.remove_volume(id.name);
      return {};
    });
  }
  Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) override {
    return world_.call("remove_leftovers " + cluster.name, [&]() -> Result<void> {
      TRY(machines_.remove_leftovers(ctx, cluster));
      std::vector<std::string> left;
      for (const auto& [node, volume] : world_.volumes) {
        if (volume.cluster == cluster && !machines_.machines.contains(node)) left.push_back(node);
      }
      for (const auto& node : left) world_.remove_volume(node);
      return {};
    });
  }
  Result<std::vector<drivers::ObservedNode>> all_nodes(const Context& ctx) override {
    return world_.call("all_nodes", [&]() -> Result<std::vector<drivers::ObservedNode>> {
      auto nodes = TRY(machines_.all_nodes(ctx));
      for (auto& node : nodes) {
        if (node.role == Role::control_plane) {
          node.api =
              "127.0.0.1:" + std::to_string(world_.ports_.try_emplace(node.id.cluster.name).first->second.number);
        }
      }
      return nodes;
    });
  }
  Result<int> exec(const Context& ctx, const NodeId& id, const drivers::ExecRequest& request) override {
    return world_.call_beside("exec " + id.name, [&] { return machines_.exec(ctx, id, request); });
  }
  Result<void> bind_folders(const Context& ctx, const std::vector<NodeId>& nodes,
                            const std::vector<FolderMount>& folders) override {
    return world_.call("bind_folders", [&] { return machines_.bind_folders(ctx, nodes, folders); });
  }
  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const NodeId& id, std::string_view host,
                                            std::uint16_t port) override {
    return world_.call("open " + id.name, [&]() -> Result<std::unique_ptr<sys::Stream>> {
      TRY(ctx.check());
      if (port == 53 && world_.dns_answers(id.cluster.name, host)) {
        return std::unique_ptr<sys::Stream>(std::make_unique<DnsStream>());
      }
      return machines_.open(ctx, id, host, port);
    });
  }
  Result<std::string> console(const Context& ctx, const NodeId& id) override {
    return world_.call("console " + id.name, [&] { return machines_.console(ctx, id); });
  }

 private:
  FakeWorld& world_;
  FakeDriver& machines_;
};

std::unique_ptr<drivers::Driver> make_world_driver(FakeWorld& world) { return std::make_unique<WorldDriver>(world); }

}  // namespace skiff::fakes
