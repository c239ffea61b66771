// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_driver.h"

#include <algorithm>
#include <condition_variable>

#include "drivers/common/naming.h"
#include "drivers/common/subnets.h"

namespace skiff::fakes {

using drivers::ExecRequest;
using drivers::NodeId;
using drivers::NodeState;

namespace {

// The only port that a fake node listens on: it sends back what it gets.
constexpr std::uint16_t echo_port = 7007;

class EchoStream final : public sys::Stream {
 public:
  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override {
    std::unique_lock lock(mutex_);
    TRY(ctx.check());
    if (!arrived_.wait(lock, ctx.stop, [this] { return ended_ || !bytes_.empty(); })) TRY(ctx.check());
    const std::size_t count = bytes_.copy(buffer.data(), buffer.size());
    bytes_.erase(0, count);
    return count;
  }
  Result<void> write(const Context& ctx, std::string_view bytes) override {
    TRY(ctx.check());
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    arrived_.notify_all();
    return {};
  }
  Result<void> close_write(const Context&) override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    arrived_.notify_all();
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::string bytes_;
  bool ended_ = false;
};

}  // namespace

Result<void> FakeDriver::enter(const Context& ctx, std::string_view method, std::string_view subject) {
  TRY(ctx.check());
  {
    const std::lock_guard lock(mutex_);
    calls.push_back(std::string(method) + " " + std::string(subject));
    if (ctx.deadline.is_never()) unlimited.emplace(method);
  }
  return before ? before(method, subject) : Result<void>();
}

namespace {
Error not_ours(const std::string& what, const ClusterId& cluster) {
  const auto of = cluster.name.empty() ? " exists and is not skiff's" : " belongs to another cluster " + cluster.name;
  return make_error(ErrorId::name_conflict, "The " + what + of);
}
}  // namespace

FakeDriver::Machine* FakeDriver::find(const NodeId& id) {
  const auto found = machines.find(id.name);
  const bool ours = found != machines.end() && !found->second.foreign && found->second.node.id == id;
  return ours ? &found->second : nullptr;
}

Result<FakeDriver::Machine*> FakeDriver::running(const NodeId& id) {
  Machine* machine = find(id);
  if (machine != nullptr && machine->node.state == NodeState::running) return machine;
  return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
}

Result<drivers::Health> FakeDriver::check(const Context& ctx) {
  TRY(enter(ctx, "check", ""));
  return drivers::Health{"Fake 1.0", {{"memory", "this process"}}};
}

Result<drivers::DriverTraits> FakeDriver::traits(const Context& ctx) {
  TRY(enter(ctx, "traits", ""));
  return traits_value;
}

Result<drivers::HostFacts> FakeDriver::host_facts(const Context& ctx, const std::string& image) {
  TRY(enter(ctx, "host_facts", image));
  return drivers::HostFacts{resolver, uplink_mtu, std::time(nullptr) + clock_ahead};
}

Result<std::vector<drivers::NodeImage>> FakeDriver::images(const Context& ctx) {
  TRY(enter(ctx, "images", ""));
  const std::lock_guard lock(mutex_);
  std::vector<drivers::NodeImage> found;
  for (const auto& reference : image_references) found.push_back({reference, "", 0});
  return found;
}

Result<void> FakeDriver::ensure_image(const Context& ctx, const drivers::NodeImage& image) {
  TRY(enter(ctx, "ensure_image", image.reference));
  const std::lock_guard lock(mutex_);
  if (image_references.contains(image.reference)) {
    const auto format = tree_formats.find(image.reference);
    return drivers::check_tree_format(image, format == tree_formats.end() ? 1 : format->second);
  }
  if (!image.rootfs_tar.empty()) {
    image_references.insert(image.reference);
    if (image.tree_format != 1) tree_formats[image.reference] = image.tree_format;
    return {};
  }
  return make_error(ErrorId::image_not_found, "There is no image '" + image.reference + "'");
}

Result<void> FakeDriver::drop_image(const Context& ctx, const std::string& reference) {
  TRY(enter(ctx, "drop_image", reference));
  const std::lock_guard lock(mutex_);
  image_references.erase(reference);
  tree_formats.erase(reference);
  return {};
}

Result<Cidr> FakeDriver::ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) {
  TRY(enter(ctx, "ensure_network", spec.profile));
  const std::lock_guard lock(mutex_);
  if (const auto found = networks.find(spec.profile); found != networks.end()) {
    const auto& [range, cluster] = found->second;
    if (cluster != identity_of(spec)) return not_ours("network", cluster);
    if (wanted == Cidr{} || wanted == range) return range;
    return make_error(ErrorId::subnet_conflict, "The network already has the range " + to_string(range));
  }
  std::vector<Cidr> taken;
  for (const auto& [name, network] : networks) taken.push_back(network.range);
  const Cidr range = TRY(drivers::free_subnets(spec, wanted, taken)).front();
  networks[spec.profile] = {range, identity_of(spec)};
  return range;
}

Result<drivers::Made> FakeDriver::ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                                              const FileTree& tree) {
  TRY(enter(ctx, "ensure_node", node.name));
  const std::lock_guard lock(mutex_);
  const NodeId id{identity_of(spec), node.name};
  if (machines.contains(node.name) && find(id) == nullptr) {
    return not_ours("machine", machines[node.name].foreign ? ClusterId() : machines[node.name].node.id.cluster);
  }
  if (storage.contains(node.name) && storage[node.name] != id.cluster) return not_ours("disk", storage[node.name]);
  Machine& machine = machines[node.name];
  if (machine.node.state == NodeState::running) return drivers::Made{};
  const drivers::Made made{.node = machine.node.state == NodeState::broken,
                           .storage = storage.emplace(node.name, id.cluster).second};
  const bool renewed = !tree.files.empty() && machine.node.image != spec.node_image;
  if (made.node || renewed) machine.node = {id, node.role, {}, node.address, spec.node_image, "", spec.owner};
  if (renewed) std::erase_if(machine.files, [](const auto& file) { return !file.first.starts_with("/var/"); });
  machine.node.state = NodeState::running;
  for (const auto& file : tree.files) machine.files[file.path] = file.content;
  machine.console = machine.files.contains("/etc/skiff/ready") ? "init: ready\n" : "init: NOT READY\n";
  return made;
}

Result<void> FakeDriver::stop_node(const Context& ctx, const NodeId& id) {
  TRY(enter(ctx, "stop_node", id.name));
  const std::lock_guard lock(mutex_);
  if (Machine* machine = find(id); machine != nullptr && machine->node.state != NodeState::broken) {
    machine->node.state = NodeState::stopped;
    machine->folders.clear();
  }
  return {};
}

Result<void> FakeDriver::change(const NodeId& id, NodeState from, NodeState to) {
  const std::lock_guard lock(mutex_);
  Machine* machine = find(id);
  if (machine == nullptr || (machine->node.state != from && machine->node.state != to)) {
    return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
  }
  machine->node.state = to;
  return {};
}

Result<void> FakeDriver::pause_node(const Context& ctx, const NodeId& id) {
  TRY(enter(ctx, "pause_node", id.name));
  return change(id, NodeState::running, NodeState::paused);
}

Result<void> FakeDriver::unpause_node(const Context& ctx, const NodeId& id) {
  TRY(enter(ctx, "unpause_node", id.name));
  return change(id, NodeState::paused, NodeState::running);
}

Result<void> FakeDriver::remove_node(const Context& ctx, const NodeId& id) {
  TRY(enter(ctx, "remove_node", id.name));
  const std::lock_guard lock(mutex_);
  if (find(id) != nullptr) machines.erase(id.name);
  std::erase_if(storage, [&](const auto& entry) { return entry.first == id.name && entry.second == id.cluster; });
  return {};
}

Result<void> FakeDriver::remove_leftovers(const Context& ctx, const ClusterId& cluster) {
  TRY(enter(ctx, "remove_leftovers", cluster.name));
  const std::lock_guard lock(mutex_);
  std::erase_if(networks, [&](const auto& entry) { return entry.second.cluster == cluster; });
  std::erase_if(storage, [&](const auto& entry) { return entry.second == cluster; });
  std::erase_if(machines,
                [&](const auto& entry) { return !entry.second.foreign && entry.second.node.id.cluster == cluster; });
  return {};
}

Result<std::vector<drivers::ObservedNode>> FakeDriver::all_nodes(const Context& ctx) {
  TRY(enter(ctx, "all_nodes", ""));
  const std::lock_guard lock(mutex_);
  std::vector<drivers::ObservedNode> found;
  for (const auto& [name, machine] : machines) {
    if (!machine.foreign) found.push_back(machine.node);
  }
  return found;
}

Result<int> FakeDriver::exec(const Context& ctx, const NodeId& id, const ExecRequest& request) {
  TRY(enter(ctx, "exec", id.name));
  {
    const std::lock_guard lock(mutex_);
    TRY(running(id));
  }
  if (command) {
    if (const auto code = command(id, request)) return *code;
  }
  std::string input;
  while (request.in) {
    const std::string piece = TRY(request.in(ctx));
    if (piece.empty()) break;
    input += piece;
  }
  const std::lock_guard lock(mutex_);
  return run(*TRY(running(id)), request, input);
}

int FakeDriver::run(Machine& machine, const ExecRequest& request, const std::string& input) {
  const auto say = [](const auto& sink, std::string_view text) {
    if (sink) sink(text);
  };
  const std::string argument = request.argv.size() > 1 ? request.argv[1] : "";
  const std::string& name = request.argv.front();
  if (name == "cat" && argument.empty()) {
    say(request.out, input);
    return 0;
  }
  if (name == "cat") {
    const auto file = machine.files.find(argument);
    if (file == machine.files.end()) {
      say(request.err, argument + ": No such file or directory\n");
      return 1;
    }
    say(request.out, file->second);
    return 0;
  }
  if (name == "store") {
    machine.files[argument] = input;
    return 0;
  }
  constexpr std::string_view write_to = "cat >";
  if (name == "sh" && request.argv.back().starts_with(write_to)) {
    machine.files[request.argv.back().substr(write_to.size())] = input;
    return 0;
  }
  if (name == "skiff-mount" && argument == "list") {
    JsonArray list;
    for (const auto& [target, source] : machine.folders)
      list.push_back(JsonObject{{"source", source}, {"target", target}});
    say(request.out, to_text(list));
    return 0;
  }
  if (name == "skiff-mount" && argument == "remove") {
    for (std::size_t i = 2; i < request.argv.size(); ++i) machine.folders.erase(request.argv[i]);
    return 0;
  }
  if (name == "fail") return std::stoi(argument);
  if (name == "streams") {
    say(request.out, "to out\n");
    say(request.err, "to err\n");
    return 0;
  }
  if (name == "value") {
    const auto value = request.env.find(argument);
    say(request.out, (value == request.env.end() ? "" : value->second) + "\n");
    return 0;
  }
  say(request.err, name + ": not found\n");
  return 127;
}

Result<void> FakeDriver::bind_folders(const Context& ctx, const std::vector<NodeId>& nodes,
                                      const std::vector<FolderMount>& folders) {
  TRY(enter(ctx, "bind_folders", nodes.empty() ? "" : nodes.front().name));
  const std::lock_guard lock(mutex_);
  for (const auto& node : nodes) {
    const Machine& machine = *TRY(running(node));
    for (const auto& folder : folders) {
      const auto there = machine.folders.find(folder.to);
      if (there == machine.folders.end() || there->second == folder.from) continue;
      return make_error(ErrorId::usage, there->second + " is mounted at " + folder.to + " already");
    }
  }
  for (const auto& node : nodes) {
    for (const auto& folder : folders) (*running(node))->folders[folder.to] = folder.from;
  }
  return {};
}

Result<std::unique_ptr<sys::Stream>> FakeDriver::open(const Context& ctx, const NodeId& id, std::string_view host,
                                                      std::uint16_t port) {
  TRY(enter(ctx, "open", id.name));
  const std::lock_guard lock(mutex_);
  TRY(running(id));
  if (port == echo_port) return std::unique_ptr<sys::Stream>(std::make_unique<EchoStream>());
  return make_error(ErrorId::network, "Connection to " + std::string(host) + " refused inside the node");
}

Result<std::string> FakeDriver::console(const Context& ctx, const NodeId& id) {
  TRY(enter(ctx, "console", id.name));
  const std::lock_guard lock(mutex_);
  if (const Machine* machine = find(id)) return machine->console;
  return make_error(ErrorId::node_not_found, "There is no node '" + id.name + "'");
}

}  // namespace skiff::fakes
