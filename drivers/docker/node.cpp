// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/node.h"

#include <algorithm>

#include "base/parallel.h"
#include "drivers/docker/image.h"
#include "drivers/docker/multiplex.h"
#include "drivers/docker/published_api.h"
#include "drivers/docker/resources.h"

namespace skiff::drivers::docker {

namespace {

std::string path_of(std::string_view node) { return "/containers/" + std::string(node); }

bool is_node(const Json& container, const NodeId& id) {
  const auto node = node_from(labels_in(container, "Config.Labels"), NodeState::broken);
  return node && node->id == id;
}

// The container when it is this node; a container of another owner counts as absent.
Result<std::optional<Json>> find_node(const Context& ctx, Engine& engine, const NodeId& id) {
  auto container = TRY(engine.find(ctx, path_of(id.name) + "/json"));
  if (container && !is_node(*container, id)) container.reset();
  return container;
}

JsonObject network_config(const NodeSpec& node) {
  JsonObject addresses{{"IPv4Address", to_string(node.address)}};
  if (!node.address6.empty()) addresses["IPv6Address"] = node.address6;
  return {{"IPAMConfig", std::move(addresses)}};
}

JsonObject description(const ClusterSpec& spec, const NodeSpec& node, Privileges privileges) {
  const std::string network = network_name(spec);
  JsonObject host = node_host_config(privileges);
  JsonObject hot = volume_mount(hot_volume_name(spec.node_image), hot_folder, {});
  hot["ReadOnly"] = true;
  host["Mounts"] = JsonArray{volume_mount(volume_name(node.name), "/var", cluster_labels(spec)), hot};
  host["NetworkMode"] = network;
  if (node.memory_mib > 0) host["Memory"] = node.memory_mib << 20;
  if (node.cpus > 0) host["NanoCpus"] = static_cast<std::int64_t>(node.cpus * 1e9);
  return {{"Hostname", node.name},
          {"Image", spec.node_image},
          {"Labels", to_json(node_labels(spec, node))},
          {"StopTimeout", 10},
          {"HostConfig", std::move(host)},
          {"NetworkingConfig", JsonObject{{"EndpointsConfig", JsonObject{{network, network_config(node)}}}}}};
}

// The node's storage outlives a container that somebody removed; one of that name that is not ours is not touched.
// True when it was not there before.
Result<bool> ensure_volume(const Context& ctx, Engine& engine, const ClusterSpec& spec, const std::string& name) {
  const bool is_new = !TRY(engine.find(ctx, "/volumes/" + name));
  const Json volume = TRY(make_volume(ctx, engine, name, cluster_labels(spec)));
  const Labels labels = labels_in(volume, "Labels");  // of the one that is there, if somebody was quicker
  if (cluster_in(labels) == identity_of(spec)) return is_new;
  return not_ours("The Docker volume '" + name + "'", labels, "Remove it with 'docker volume rm " + name + "'");
}

Result<void> deliver(const Context& ctx, Engine& engine, const std::string& node, const FileTree& tree) {
  sys::HttpRequest request{"PUT", path_of(node) + "/archive?path=/", {{"Content-Type", "application/x-tar"}}};
  request.body = to_tar(tree);
  TRY(engine.send(ctx, std::move(request)));
  return {};
}

Result<void> start(const Context& ctx, Engine& engine, const std::string& node) {
  auto started = engine.call(ctx, "POST", path_of(node) + "/start", nullptr, {304});
  if (!started.ok()) return explain_start(std::move(started).error());
  return {};
}

Result<void> make_on_port(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const ClusterSpec& spec,
                          const NodeSpec& node, const FileTree& tree, std::uint16_t port) {
  return choice.with_privileges(ctx, engine, [&](Privileges privileges) -> Result<void> {
    JsonObject container = description(spec, node, privileges);
    TRY(publish_api(ctx, container, engine, port, spec.kubernetes.api_port));
    if (node.name == control_plane_of(spec)) publish(container, spec.ports);
    const auto created = TRY(create(ctx, engine, "/containers/create?name=" + node.name, container, {409}));
    if (created.status == 409) return make_error(ErrorId::name_conflict, text_at(created.json(), "message"));
    auto started = [&]() -> Result<void> {
      TRY(deliver(ctx, engine, node.name, tree));
      return start(ctx, engine, node.name);
    }();
    return started.ok() ? started : undo(ctx, engine, node.name, std::move(started).error());
  });
}

Result<void> make(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const ClusterSpec& spec,
                  const NodeSpec& node, const FileTree& tree) {
  for (const auto port : TRY(api_ports(ctx, engine, node.role))) {
    auto made = make_on_port(ctx, engine, choice, spec, node, tree, port);
    if (made.ok() || made.error().id != ErrorId::port_in_use) return made;
  }
  return make_error(ErrorId::port_in_use, "Every port for the API of a cluster is taken on the Docker host");
}

// Puts the node back on the cluster's network when that was removed ('docker network prune') and made anew.
Result<void> rejoin(const Context& ctx, Engine& engine, const Json& container, const ClusterSpec& spec,
                    const NodeSpec& node) {
  const std::string name = network_name(spec);
  const std::string joined = text_at(container, "NetworkSettings.Networks." + name + ".NetworkID");
  const std::string current = text_at(TRY(engine.get(ctx, "/networks/" + name)), "Id");
  if (joined == current) return {};
  const JsonObject leave{{"Container", node.name}, {"Force", true}};
  TRY(engine.call(ctx, "POST", "/networks/" + name + "/disconnect", leave, {403, 404, 500}));
  const JsonObject join{{"Container", node.name}, {"EndpointConfig", network_config(node)}};
  TRY(engine.call(ctx, "POST", "/networks/" + name + "/connect", join));
  return {};
}

NodeState state_of(std::string_view status) {
  if (status == "running") return NodeState::running;
  if (status == "paused") return NodeState::paused;
  if (status == "exited") return NodeState::stopped;
  return NodeState::broken;  // created, removing, restarting, dead
}

}  // namespace

JsonObject node_host_config(Privileges privileges) {
  JsonObject host{{"CgroupnsMode", "private"},
                  {"RestartPolicy", JsonObject{{"Name", "no"}}},
                  {"Tmpfs", JsonObject{{"/run", "exec,mode=755"}, {"/tmp", "exec,mode=1777"}}}};
  grant(host, privileges);
  return host;
}

JsonObject volume_mount(const std::string& volume, std::string_view target, const Labels& labels) {
  return {{"Type", "volume"},
          {"Source", volume},
          {"Target", target},
          {"VolumeOptions", JsonObject{{"Labels", to_json(labels)}}}};
}

namespace {

// Makes what is absent, and starts the node. `made` tells what it had to create, also when it fails.
Result<void> make_or_start(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const ClusterSpec& spec,
                           const NodeSpec& node, const FileTree& tree, Made& made) {
  auto container = TRY(engine.find(ctx, path_of(node.name) + "/json"));
  const Deadline patience = Deadline::in(std::chrono::seconds(30));
  while (!container) {
    made.storage = TRY(ensure_volume(ctx, engine, spec, volume_name(node.name))) || made.storage;
    auto done = make(ctx, engine, choice, spec, node, tree);
    made.node = done.ok();
    if (done.ok() || done.error().id != ErrorId::name_conflict || patience.passed()) return done;
    // The name is taken before its container can be seen: the engine still makes it for a run that was killed.
    TRY(ctx.pause(std::chrono::milliseconds(100)));
    container = TRY(engine.find(ctx, path_of(node.name) + "/json"));
  }
  const Labels labels = labels_in(*container, "Config.Labels");
  if (!is_node(*container, {identity_of(spec), node.name})) {
    return not_ours("The container '" + node.name + "'", labels, "Remove it with 'docker rm " + node.name + "'");
  }
  switch (state_of(text_at(*container, "State.Status"))) {
    case NodeState::running:
      return {};
    case NodeState::paused:
      TRY(engine.call(ctx, "POST", path_of(node.name) + "/unpause"));
      return {};
    case NodeState::stopped:
    case NodeState::saved:
      if (!tree.files.empty() && node_from(labels, NodeState::stopped)->image != spec.node_image) break;
      TRY(rejoin(ctx, engine, *container, spec, node));
      TRY(deliver(ctx, engine, node.name, tree));
      return start(ctx, engine, node.name);
    case NodeState::broken:
      break;
  }
  // Made from another image, or half made by a run that did not live to start it. Its volume stays: it holds the data
  // of the earlier container.
  TRY(remove_container(ctx, engine, node.name));
  made.storage = TRY(ensure_volume(ctx, engine, spec, volume_name(node.name)));
  auto done = make(ctx, engine, choice, spec, node, tree);
  made.node = done.ok();
  return done;
}

}  // namespace

Result<Made> ensure_node(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const ClusterSpec& spec,
                         const NodeSpec& node, const FileTree& tree) {
  Made made;
  auto done = make_or_start(ctx, engine, choice, spec, node, tree, made);
  if (done.ok()) return made;
  if (made.storage) {
    const Context fresh{{}, Deadline::in(std::chrono::seconds(30)), ctx.events};
    if (const auto removed = remove_volume(fresh, engine, volume_name(node.name)); !removed.ok()) {
      done.error().trail.push_back("and its volume could not be removed: " + removed.error().what);
    }
  }
  return std::move(done).error();
}

Result<void> stop_node(const Context& ctx, Engine& engine, const NodeId& id) {
  if (!TRY(find_node(ctx, engine, id))) return {};
  TRY(engine.call(ctx, "POST", path_of(id.name) + "/stop?t=10", nullptr, {304, 404}));
  return {};
}

namespace {

// Brings a node that runs or is paused from one state to the other.
Result<void> change(const Context& ctx, Engine& engine, const NodeId& id, NodeState from, NodeState to,
                    std::string_view verb) {
  const auto container = TRY(find_node(ctx, engine, id));
  const NodeState state = container ? state_of(text_at(*container, "State.Status")) : NodeState::broken;
  if (state == to) return {};
  if (state != from) return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
  TRY(engine.call(ctx, "POST", path_of(id.name) + "/" + std::string(verb)));
  return {};
}

}  // namespace

Result<void> pause_node(const Context& ctx, Engine& engine, const NodeId& id) {
  return change(ctx, engine, id, NodeState::running, NodeState::paused, "pause");
}

Result<void> unpause_node(const Context& ctx, Engine& engine, const NodeId& id) {
  return change(ctx, engine, id, NodeState::paused, NodeState::running, "unpause");
}

Result<void> remove_node(const Context& ctx, Engine& engine, const NodeId& id) {
  if (TRY(find_node(ctx, engine, id))) TRY(remove_container(ctx, engine, id.name));
  const auto volume = TRY(engine.find(ctx, "/volumes/" + volume_name(id.name)));
  if (volume && cluster_in(labels_in(*volume, "Labels")) == id.cluster) {
    TRY(remove_volume(ctx, engine, volume_name(id.name)));
  }
  return {};
}

Result<void> remove_leftovers(const Context& ctx, Engine& engine, const ClusterId& cluster) {
  const std::string filter = label_filter({std::string(label::cluster) + "=" + cluster.name});
  const Json containers = TRY(engine.get(ctx, "/containers/json" + filter + "&all=1"));
  const auto own_containers = of_cluster(array_at(containers, ""), cluster);
  TRY(parallel_for(ctx, own_containers, [&](const Context& each, const Json& container) {
    return remove_container(each, engine, text_at(container, "Id"));
  }));
  const Json volumes = TRY(engine.get(ctx, "/volumes" + filter));
  const auto own_volumes = of_cluster(array_at(volumes, "Volumes"), cluster);
  TRY(parallel_for(ctx, own_volumes, [&](const Context& each, const Json& volume) {
    return remove_volume(each, engine, text_at(volume, "Name"));
  }));
  const Json networks = TRY(engine.get(ctx, "/networks" + filter));
  for (const auto& network : of_cluster(array_at(networks, ""), cluster)) {
    TRY(engine.call(ctx, "DELETE", "/networks/" + text_at(network, "Id"), nullptr, {404}));
  }
  return {};
}

Result<std::vector<ObservedNode>> all_nodes(const Context& ctx, Engine& engine) {
  const Json containers =
      TRY(engine.get(ctx, "/containers/json" + label_filter({std::string(label::cluster)}) + "&all=1"));
  std::vector<ObservedNode> found;
  for (const auto& container : array_at(containers, "")) {
    const Labels labels = labels_in(container, "Labels");
    if (auto node = node_from(labels, state_of(text_at(container, "State")))) {
      locate_api(*node, labels, engine);
      found.push_back(std::move(*node));
    }
  }
  std::ranges::sort(found, {}, [](const ObservedNode& node) { return node.id.name; });
  return found;
}

Result<std::string> console(const Context& ctx, Engine& engine, const std::string& container) {
  const std::string path = path_of(container) + "/logs?stdout=1&stderr=1&tail=200";
  const auto logs = TRY(engine.call(ctx, "GET", path, nullptr, {404}));
  if (logs.status == 404) return make_error(ErrorId::node_not_found, "There is no container '" + container + "'");
  std::string text;
  Demultiplexer().feed(logs.body, [&](Demultiplexer::Channel, std::string_view piece) { text += piece; });
  return text;
}

}  // namespace skiff::drivers::docker
