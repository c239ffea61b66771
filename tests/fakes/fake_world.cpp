// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_world.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strings.h"
#include "cluster/images/image_layout.h"
#include "cluster/images/node_talks.h"
#include "cluster/own_image.h"
#include "images/recipe.h"
#include "kube/node/node_tree.h"
#include "tests/fakes/tar_of.h"
#include "tests/fakes/world_driver.h"

namespace skiff::fakes {
namespace {

using drivers::NodeState;

// Bound, so that nobody else is given it, but not listening: whoever connects is refused.
int hold_port(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int shared = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

std::string file_of(const FakeDriver::Machine& machine, const std::string& path) {
  const auto file = machine.files.find(path);
  return file == machine.files.end() ? "" : file->second;
}

bool serves(const FakeDriver::Machine& machine) {
  return machine.node.role == Role::control_plane && machine.node.state == NodeState::running;
}

Json to_json(const FakeDriver::Machine& machine) {
  const auto& node = machine.node;
  return {{"cluster", node.id.cluster.name},
          {"id", node.id.cluster.id},
          {"owner", node.owner},
          {"name", node.id.name},
          {"role", to_string(node.role)},
          {"state", static_cast<int>(node.state)},
          {"address", to_string(node.address)},
          {"image", node.image},
          {"files", boost::json::value_from(machine.files)},
          {"console", machine.console},
          {"foreign", machine.foreign}};
}

ClusterId cluster_of(const Json& saved) { return {text_at(saved, "cluster"), text_at(saved, "id")}; }

FakeDriver::Machine machine_of(const Json& saved) {
  FakeDriver::Machine machine;
  machine.node = {{cluster_of(saved), text_at(saved, "name")},
                  text_at(saved, "role") == to_string(Role::worker) ? Role::worker : Role::control_plane,
                  static_cast<NodeState>(int_at(saved, "state")),
                  parse_ipv4(text_at(saved, "address")).value_or({}),
                  text_at(saved, "image"),
                  "",
                  text_at(saved, "owner")};
  machine.files = boost::json::value_to<decltype(machine.files)>(saved.at("files"));
  machine.console = text_at(saved, "console");
  machine.foreign = bool_at(saved, "foreign");
  return machine;
}

}  // namespace

FakeWorld::Port::Port(std::uint16_t wanted) : number(wanted), fd(hold_port(number)) {}
FakeWorld::Port::~Port() { ::close(fd); }

FakeWorld::FakeWorld() {
  provider.command = [this](const drivers::NodeId& id, const drivers::ExecRequest& request) {
    return command(id, request);
  };
}
FakeWorld::~FakeWorld() = default;

void FakeWorld::add_own_images() {
  for (const auto& kubernetes : images::kubernetes_versions()) {
    const std::string reference = cluster::own_image_reference(provider.traits_value, kubernetes);
    provider.image_references.insert(reference);
    provider.tree_formats[reference] = kube::node_tree_format;
  }
}

cluster::Home FakeWorld::home(const std::string& home) {
  return {cluster::ProfileStore(home),
          [this](std::string_view name, const std::string&) -> Result<std::unique_ptr<drivers::Driver>> {
            if (name == "docker") return driver();
            return std::unique_ptr<drivers::Driver>(std::make_unique<FakeDriver>());
          },
          {"docker"}};
}

std::unique_ptr<drivers::Driver> FakeWorld::driver() { return make_world_driver(*this); }

void FakeWorld::note_changes() {
  std::set<std::string> running;
  for (const auto& [name, machine] : provider.machines) {
    if (machine.foreign) continue;
    if (!volumes.contains(name)) {
      const bool control_plane = machine.node.role == Role::control_plane;
      volumes[name] = {machine.node.id.cluster, "made as number " + std::to_string(++volumes_made_), control_plane};
      if (control_plane && other_control_plane(name).empty()) {
        kubernetes_[name] = std::make_unique<FakeKubernetes>([this](const std::string& call) { return pass(call); });
      }
    }
    if (machine.node.state != NodeState::running) continue;
    running.insert(name);
    if (!running_.contains(name)) boots_[name] = ++boots_made_;
  }
  running_ = std::move(running);
}

std::string FakeWorld::other_control_plane(const std::string& node) {
  for (const auto& [name, volume] : volumes) {
    if (name != node && volume.control_plane && volume.cluster == volumes.at(node).cluster) return name;
  }
  return {};
}

void FakeWorld::remove_volume(const std::string& node) {
  const std::string other = other_control_plane(node);
  volumes.erase(node);
  boots_.erase(node);
  const auto found = kubernetes_.find(node);
  if (found == kubernetes_.end()) return;
  if (!other.empty()) {
    auto moved = kubernetes_.extract(found);
    moved.key() = other;
    kubernetes_.insert(std::move(moved));
    return;
  }
  removed_.push_back(std::move(found->second));
  kubernetes_.erase(found);
}

void FakeWorld::settle() {
  const std::lock_guard settling(settling_);
  std::vector<std::unique_ptr<FakeKubernetes>> removed;
  std::map<FakeKubernetes*, std::vector<FakeKubelet>> kubelets;
  std::map<FakeKubernetes*, FakeKubernetes::Endpoint> to_serve;
  {
    const std::lock_guard lock(mutex_);
    note_changes();
    removed.swap(removed_);
    for (const auto& [name, kubernetes] : kubernetes_) {
      auto& ours = kubelets[kubernetes.get()];
      const ClusterId cluster = volumes[name].cluster;
      for (const auto& [node, machine] : provider.machines) {
        if (machine.node.id.cluster == cluster)
          ours.push_back({node, running_.contains(node), boots_[node], provider.clock_ahead});
      }
      for (const auto& [node, machine] : provider.machines) {
        if (machine.node.id.cluster != cluster || !serves(machine)) continue;
        to_serve[kubernetes.get()] = {{file_of(machine, "/etc/kubernetes/pki/apiserver.crt"),
                                       file_of(machine, "/etc/kubernetes/pki/apiserver.key")},
                                      file_of(machine, "/etc/kubernetes/pki/ca.crt"),
                                      ports_.try_emplace(cluster.name).first->second.number};
        break;
      }
    }
  }
  removed.clear();
  for (const auto& [kubernetes, machines] : kubelets) {
    const auto endpoint = to_serve.find(kubernetes);
    if (endpoint == to_serve.end()) kubernetes->stop();
    kubernetes->set_kubelets(machines);
    if (endpoint != to_serve.end() && !kubernetes->serving()) kubernetes->serve(endpoint->second);
  }
}

void FakeWorld::lose_machine(const std::string& node) {
  provider.machines.erase(node);
  settle();
}

FakeKubernetes* FakeWorld::kubernetes(const std::string& cluster) {
  for (const auto& [name, kubernetes] : kubernetes_) {
    if (volumes[name].cluster.name == cluster) return kubernetes.get();
  }
  return nullptr;
}

std::uint16_t FakeWorld::port_of(const std::string& cluster) {
  const std::lock_guard lock(mutex_);
  return ports_.try_emplace(cluster).first->second.number;
}

bool FakeWorld::dns_answers(const std::string& cluster, std::string_view address) {
  FakeKubernetes* kubernetes = this->kubernetes(cluster);
  return kubernetes != nullptr && kubernetes->with([&](ObjectStore& store) {
    const Json* service = store.get({"/api/v1", "services", "kube-system", "kube-dns"});
    if (service == nullptr || text_at(*service, "spec.clusterIP") != address) return false;
    for (const auto& [key, slice] : store.list("/apis/discovery.k8s.io/v1", "endpointslices", "kube-system",
                                               "kubernetes.io/service-name=kube-dns")) {
      for (const auto& endpoint : array_at(slice, "endpoints")) {
        if (bool_at(endpoint, "conditions.ready") && running_.contains(text_at(endpoint, "nodeName"))) return true;
      }
    }
    return false;
  });
}

namespace {

const Context& own_context() {
  static NoEvents events;
  static const Context ctx{{}, Deadline::never(), &events};
  return ctx;
}

void for_input(const drivers::ExecRequest& request, const std::function<void(const std::string&)>& take) {
  for (auto piece = request.in(own_context()); piece.ok() && !piece->empty(); piece = request.in(own_context())) {
    take(*piece);
  }
}

// An archive as containerd writes it, of images without layers.
std::string archive_of(const std::vector<std::string>& names) {
  const auto layout = cluster::layout_of(names, R"({"architecture":"amd64","os":"linux"})", {}, "linux/amd64");
  Files files = {{"index.json", layout.index()}, {"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"}};
  for (const auto& [digest, text] : layout.texts) {
    files.emplace_back("blobs/sha256/" + digest.substr(digest.find(':') + 1), text);
  }
  return tar_of(files);
}

// The talk of NodeTalks with a node that has no blobs: the names of the archive that it was given at the end.
std::vector<std::string> talk_of_images(const drivers::ExecRequest& request) {
  request.out(".\n");
  std::string all;
  for_input(request, [&](const std::string& piece) {
    if (piece.starts_with("names ")) {
      request.out(".\n");
    } else {
      all += piece;
    }
  });
  constexpr std::string_view key = R"("io.containerd.image.name":")";
  std::vector<std::string> names;
  for (auto at = all.find(key); at != std::string::npos; at = all.find(key, at + 1)) {
    const auto begin = at + key.size();
    names.push_back(all.substr(begin, all.find('"', begin) - begin));
  }
  return names;
}

}  // namespace

namespace {

// What an archive holds, by path.
std::map<std::string, std::string> files_of(const std::string& tar) {
  constexpr std::size_t block = 512;
  std::map<std::string, std::string> files;
  for (std::size_t at = 0; at + block <= tar.size() && tar[at] != 0;) {
    const std::string prefix = tar.c_str() + at + 345;
    const std::string name = tar.c_str() + at;
    const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
    if (size > 0) files["/" + (prefix.empty() ? "" : prefix + "/") + name] = tar.substr(at + block, size);
    at += block + (size + block - 1) / block * block;
  }
  return files;
}

}  // namespace

// What skiff runs in nodes: writing a file, a tree of files, a look at one, and containerd's client. An image is a file
// below /images.
std::optional<int> FakeWorld::command(const drivers::NodeId& id, const drivers::ExecRequest& request) {
  const auto with_files = [&](const auto& body) {
    const std::lock_guard lock(mutex_);
    body(provider.machines[id.name].files);
  };
  const std::string words = join(request.argv, " ");
  const std::string writes = "sh -c cat >";
  if (words.starts_with(writes)) {
    std::string content;
    for_input(request, [&](const std::string& piece) { content += piece; });
    with_files([&](auto& files) { files[words.substr(writes.size())] = content; });
    return 0;
  }
  if (words.ends_with("/usr/lib/skiff/renew")) {
    std::string archive;
    for_input(request, [&](const std::string& piece) { archive += piece; });
    with_files([&](auto& files) {
      for (auto& [path, content] : files_of(archive)) files[path] = content;
    });
    return 0;
  }
  if (request.argv.front() == "grep") {
    int code = 1;
    with_files([&](auto& files) {
      for (const auto& line : split(files[request.argv.at(3)], '\n')) code = line == request.argv.at(2) ? 0 : code;
    });
    return code;
  }
  if (request.argv.front() == "skiff-member" || request.argv.front() == "touch") return 0;
  if (request.argv.back() == cluster::image_command) {
    const auto names = talk_of_images(request);
    with_files([&](auto& files) {
      for (const auto& name : names) files["/images/" + name] = "image";
    });
    return 0;
  }
  if (!words.starts_with("ctr --namespace=k8s.io images ")) return std::nullopt;
  const std::string verb = request.argv.at(3);
  if (verb == "list" && words.find("labels.") == std::string::npos) {
    std::string names;
    with_files([&](auto& files) {
      for (const auto& [path, content] : files) {
        if (path.starts_with("/images/")) names += path.substr(8) + "\n";
      }
    });
    request.out(names);
  }
  if (verb == "export") request.out(archive_of({request.argv.begin() + 6, request.argv.end()}));
  return 0;
}

std::string FakeWorld::to_text() {
  const std::lock_guard lock(mutex_);
  JsonArray machines;
  for (const auto& [name, machine] : provider.machines) machines.push_back(to_json(machine));
  JsonObject networks;
  for (const auto& [name, network] : provider.networks) {
    networks[name] = {{"range", to_string(network.range)}, {"cluster", name}, {"id", network.cluster.id}};
  }
  JsonObject storage;
  for (const auto& [node, volume] : volumes) {
    storage[node] = {{"cluster", volume.cluster.name},
                     {"id", volume.cluster.id},
                     {"content", volume.content},
                     {"controlPlane", volume.control_plane}};
  }
  JsonObject etcd;
  for (const auto& [node, kubernetes] : kubernetes_) {
    etcd[node] = kubernetes->with([](ObjectStore& store) { return store.to_json(); });
  }
  JsonObject ports;
  for (const auto& [cluster, port] : ports_) ports[cluster] = port.number;
  return skiff::to_text({{"machines", std::move(machines)},
                         {"networks", std::move(networks)},
                         {"volumes", std::move(storage)},
                         {"etcd", std::move(etcd)},
                         {"ports", std::move(ports)},
                         {"images", boost::json::value_from(provider.image_references)},
                         {"boots", boost::json::value_from(boots_)},
                         {"running", boost::json::value_from(running_)},
                         {"bootsMade", boots_made_},
                         {"volumesMade", volumes_made_}});
}

void FakeWorld::load(const std::string& text) {
  const Json saved = parse_json(text).value();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& machine : array_at(saved, "machines")) {
      provider.machines[text_at(machine, "name")] = machine_of(machine);
    }
    for (const auto& [name, network] : saved.at("networks").as_object()) {
      provider.networks[name] = {parse_cidr(text_at(network, "range")).value(), cluster_of(network)};
    }
    for (const auto& [node, volume] : saved.at("volumes").as_object()) {
      volumes[node] = {cluster_of(volume), text_at(volume, "content"), bool_at(volume, "controlPlane")};
      provider.storage[node] = cluster_of(volume);
    }
    for (const auto& [node, objects] : saved.at("etcd").as_object()) {
      auto& kubernetes = kubernetes_[node] =
          std::make_unique<FakeKubernetes>([this](const std::string& call) { return pass(call); });
      kubernetes->with([&](ObjectStore& store) { store.load(objects); });
    }
    for (const auto& [cluster, port] : saved.at("ports").as_object()) {
      ports_.try_emplace(cluster, static_cast<std::uint16_t>(port.to_number<int>()));
    }
    provider.image_references = boost::json::value_to<std::set<std::string>>(saved.at("images"));
    boots_ = boost::json::value_to<decltype(boots_)>(saved.at("boots"));
    running_ = boost::json::value_to<decltype(running_)>(saved.at("running"));
    boots_made_ = static_cast<int>(int_at(saved, "bootsMade"));
    volumes_made_ = static_cast<int>(int_at(saved, "volumesMade"));
  }
  settle();
}

}  // namespace skiff::fakes
