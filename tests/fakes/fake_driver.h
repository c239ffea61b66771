// SPDX-License-Identifier: Apache-2.0
// A Driver whose machines are values in memory. It passes the driver contract suite; other tests look at and change its
// public parts between calls.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/driver.h"

namespace skiff::fakes {

class FakeDriver final : public drivers::Driver {
 public:
  struct Machine {
    drivers::ObservedNode node;
    std::map<std::string, std::string> files;  // path -> content: the tree, and what commands have stored
    std::string console;
    std::map<std::string, std::string> folders = {};  // of this host: target -> source
    bool foreign = false;                             // carries the name, but is not ours
  };

  drivers::DriverTraits traits_value{.reachable_from_host = true, .binds_folders = true};
  // Another host's; its clock is ahead of this one's by so many seconds.
  sys::Resolver resolver{{"192.0.2.53"}, {"nodes.example"}};
  std::optional<int> uplink_mtu = 1400;
  std::time_t clock_ahead = 0;
  std::set<std::string> image_references;
  std::map<std::string, int> tree_formats;  // of images that are not of the first
  struct Network {
    Cidr range;
    ClusterId cluster;
  };
  std::map<std::string, Network> networks;   // by the cluster's name
  std::map<std::string, ClusterId> storage;  // by the node's name: it outlives a machine that somebody removed
  std::map<std::string, Machine> machines;   // by name; removing one is what "docker rm" by hand would be

  // When set, asked before every call: an Error becomes the call's result. `subject` is the node, cluster or image.
  std::function<Result<void>(std::string_view method, std::string_view subject)> before;
  // When set, runs a command in place of the few built-in ones (see run()); nothing = run the built-in one.
  std::function<std::optional<int>(const drivers::NodeId&, const drivers::ExecRequest&)> command;
  // "ensure_node lab-cp1", in the order of the calls.
  std::vector<std::string> calls;
  std::set<std::string> unlimited;  // methods that were called without a deadline

  Result<drivers::Health> check(const Context& ctx) override;
  Result<drivers::DriverTraits> traits(const Context& ctx) override;
  Result<drivers::HostFacts> host_facts(const Context& ctx, const std::string& image) override;
  Result<std::vector<drivers::NodeImage>> images(const Context& ctx) override;
  Result<void> ensure_image(const Context& ctx, const drivers::NodeImage& image) override;
  Result<void> drop_image(const Context& ctx, const std::string& reference) override;
  Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) override;
  Result<drivers::Made> ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                                    const FileTree& tree) override;
  Result<void> stop_node(const Context& ctx, const drivers::NodeId& id) override;
  Result<void> pause_node(const Context& ctx, const drivers::NodeId& id) override;
  Result<void> unpause_node(const Context& ctx, const drivers::NodeId& id) override;
  Result<void> remove_node(const Context& ctx, const drivers::NodeId& id) override;
  Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) override;
  Result<std::vector<drivers::ObservedNode>> all_nodes(const Context& ctx) override;
  Result<int> exec(const Context& ctx, const drivers::NodeId& id, const drivers::ExecRequest& request) override;
  Result<void> bind_folders(const Context& ctx, const std::vector<drivers::NodeId>& nodes,
                            const std::vector<FolderMount>& folders) override;
  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const drivers::NodeId& id, std::string_view host,
                                            std::uint16_t port) override;
  Result<std::string> console(const Context& ctx, const drivers::NodeId& id) override;

 private:
  Result<void> enter(const Context& ctx, std::string_view method, std::string_view subject);
  Result<void> change(const drivers::NodeId& id, drivers::NodeState from, drivers::NodeState to);
  Machine* find(const drivers::NodeId& id);
  Result<Machine*> running(const drivers::NodeId& id);
  int run(Machine& machine, const drivers::ExecRequest& request, const std::string& input);

  std::mutex mutex_;  // guards everything above
};

}  // namespace skiff::fakes
