// SPDX-License-Identifier: Apache-2.0
#include "model/profile.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/strings.h"

namespace skiff {
namespace {
// Raised when an older skiff could misread a newer profile. Format 1 had a number of nodes where there is a list now;
// format 3 is written of clusters with nodes that are not all alike, which before it all were; format 4 of those
// without Kubernetes or on a network of another name, which an older skiff would give both; format 5 of those that
// have, or had, several control planes, and of those whose pods have a network that is not skiff's own, or IPv6
// addresses.
constexpr int newest_format = 5;
int format_of(const ClusterSpec& spec) {
  if (spec.shared_api || control_plane_count(spec) > 1) return newest_format;
  if (spec.pod_network.kind != PodNetwork::Kind::own || spec.dual_stack) return newest_format;
  if (spec.no_kubernetes || !spec.network_name.empty()) return 4;
  return spec.node_settings.empty() ? 2 : 3;
}

Result<std::vector<PublishedPort>> parse_ports(const Json& yaml) {
  std::vector<PublishedPort> ports;
  for (const auto& text : array_at(yaml, "ports")) {
    const auto parsed = parse_published_ports(text.is_string() ? std::string_view(text.get_string()) : "", "");
    if (!parsed.ok()) return parsed.error();
    ports.insert(ports.end(), parsed->begin(), parsed->end());
  }
  return ports;
}

// As each of them is written.
template <class T>
JsonArray texts_of(const std::vector<T>& all) {
  JsonArray texts;
  for (const auto& each : all) texts.emplace_back(to_string(each));
  return texts;
}

// Nothing for skiff's own, which is what a profile without the key has.
std::string_view cni_kind(PodNetwork::Kind kind) {
  switch (kind) {
    case PodNetwork::Kind::own:
      return "";
    case PodNetwork::Kind::none:
      return "none";
    case PodNetwork::Kind::conflist:
      return "conflist";
    case PodNetwork::Kind::manifest:
      return "manifest";
  }
  return "";
}

std::optional<PodNetwork> parse_pod_network(const Json& yaml) {
  using enum PodNetwork::Kind;
  const std::string name = text_at(yaml, "network.cni");
  for (const auto kind : {own, none, conflist, manifest}) {
    if (name != cni_kind(kind)) continue;
    PodNetwork network{kind, text_at(yaml, "network.conflist")};
    if (network.conflist.empty() == (kind == conflist)) break;
    return network;
  }
  return std::nullopt;
}

// {cpus: 2, memoryMiB: 4096, labels: {tier: front}, taints: ["gpu:NoSchedule"]}
Json to_json(const NodeSettings& settings) {
  JsonObject json;
  if (settings.cpus) json["cpus"] = *settings.cpus;
  if (settings.memory_mib) json["memoryMiB"] = *settings.memory_mib;
  if (!settings.labels.empty()) json["labels"] = boost::json::value_from(settings.labels);
  if (!settings.taints.empty()) json["taints"] = texts_of(settings.taints);
  return json;
}

Result<NodeSettings> parse_node_settings(const Json& json) {
  const auto refused = [](std::string why) { return make_error(ErrorId::config_invalid, std::move(why)); };
  if (!json.is_object()) return refused("must say what the node has for itself");
  NodeSettings settings;
  if (const Json* cpus = find(json, "cpus")) {
    boost::json::error_code error;
    settings.cpus = cpus->is_number() ? cpus->to_number<double>(error) : -1;
    if (error || *settings.cpus < 0) return refused("has cpus that are no number");
  }
  if (find(json, "memoryMiB") != nullptr) settings.memory_mib = int_at(json, "memoryMiB");
  if (settings.memory_mib && *settings.memory_mib < 0) return refused("has a memoryMiB that is no size");
  if (const Json* labels = find(json, "labels")) {
    auto parsed = boost::json::try_value_to<decltype(settings.labels)>(*labels);
    if (!parsed) return refused("has labels that are no texts by name");
    settings.labels = *std::move(parsed);
  }
  for (const auto& each : array_at(json, "taints")) {
    const auto taint = each.is_string() ? parse_taint(std::string(each.get_string())) : Result<Taint>(refused(""));
    if (!taint.ok()) return refused("has taints that are not like gpu=yes:NoSchedule");
    settings.taints.push_back(*taint);
  }
  return settings;
}

Result<std::map<Member, NodeSettings>> parse_all_node_settings(const Json& yaml, const std::vector<Member>& nodes) {
  std::map<Member, NodeSettings> all;
  const Json* entries = find(yaml, "nodeSettings");
  if (entries == nullptr) return all;
  if (!entries->is_object()) return make_error(ErrorId::config_invalid, "must hold settings by node");
  for (const auto& [name, json] : entries->get_object()) {
    const auto member = parse_member(name);
    const std::string about = "(" + std::string(name) + ") ";
    if (!member || std::ranges::find(nodes, *member) == nodes.end()) {
      return make_error(ErrorId::config_invalid, about + "names no node of the cluster");
    }
    auto settings = parse_node_settings(json);
    if (!settings.ok()) return make_error(ErrorId::config_invalid, about + settings.error().what);
    all[*member] = *std::move(settings);
  }
  return all;
}

Result<std::vector<Member>> parse_nodes(const Json& yaml) {
  const auto refused = [](std::string why) { return make_error(ErrorId::config_invalid, std::move(why)); };
  std::vector<Member> nodes;
  if (int_at(yaml, "format") == 1) {
    const auto count = int_at(yaml, "nodes");
    if (count < 1 || count > max_nodes) return refused("must be 1 to " + std::to_string(max_nodes));
    ClusterSpec spec;
    grow(spec, static_cast<int>(count));
    return spec.nodes;
  }
  for (const auto& entry : array_at(yaml, "nodes")) {
    const auto member = entry.is_string() ? parse_member(entry.get_string()) : std::nullopt;
    if (!member) return refused("must be a list like [cp1, w1, w2]");
    nodes.push_back(*member);
  }
  std::ranges::sort(nodes);
  if (std::ranges::adjacent_find(nodes) != nodes.end()) return refused("names a node twice");
  if (nodes.empty() || nodes.front().role != Role::control_plane) return refused("has no control plane");
  return nodes;
}

}  // namespace

JsonObject to_profile(const ClusterSpec& spec) {
  JsonObject network{{"pods", to_string(spec.pod_range)}, {"services", to_string(spec.service_range)}};
  if (spec.node_subnet.bits != 0) network["nodes"] = to_string(spec.node_subnet);
  if (!spec.network_name.empty()) network["name"] = spec.network_name;
  if (spec.dual_stack) network["ipFamily"] = "dual";
  if (const auto kind = cni_kind(spec.pod_network.kind); !kind.empty()) network["cni"] = kind;
  if (!spec.pod_network.conflist.empty()) network["conflist"] = spec.pod_network.conflist;
  JsonObject profile{{"format", format_of(spec)},
                     {"name", spec.profile},
                     {"driver", spec.driver},
                     {"kubernetesVersion", spec.kubernetes_version},
                     {"nodeImage", spec.node_image},
                     {"nodes", texts_of(spec.nodes)},
                     {"cpus", spec.cpus},
                     {"memoryMiB", spec.memory_mib},
                     {"diskMiB", spec.disk_mib},
                     {"network", network},
                     {"addons", JsonArray(spec.addons.begin(), spec.addons.end())}};
  JsonObject node_settings;
  for (const auto& [member, settings] : spec.node_settings) node_settings[to_string(member)] = to_json(settings);
  if (!node_settings.empty()) profile["nodeSettings"] = std::move(node_settings);
  if (spec.node_names == NodeNames::numbers) profile["nodeNames"] = "numbers";
  if (!spec.id.empty()) profile["id"] = spec.id;
  if (!spec.owner.empty()) profile["owner"] = spec.owner;
  if (!spec.context.empty()) profile["context"] = spec.context;
  if (!spec.driver_uri.empty()) profile["driverUri"] = spec.driver_uri;
  if (spec.schedule_on_control_plane) profile["scheduleOnControlPlane"] = *spec.schedule_on_control_plane;
  if (!spec.addon_values.empty()) profile["addonValues"] = boost::json::value_from(spec.addon_values);
  if (auto settings = to_json(spec.kubernetes); !settings.empty()) profile["kubernetes"] = std::move(settings);
  if (spec.control_plane_host != 0) profile["controlPlaneHost"] = spec.control_plane_host;
  if (spec.no_kubernetes) profile["noKubernetes"] = true;
  if (spec.shared_api) profile["sharedApi"] = true;
  if (auto registries = to_json(spec.registries); !registries.empty()) profile["registries"] = std::move(registries);
  if (auto proxies = to_json(spec.proxies); !proxies.empty()) profile["proxies"] = std::move(proxies);
  if (!spec.authorities.empty()) profile["authorities"] = spec.authorities;
  if (!spec.registry_config.empty()) profile["registryConfig"] = spec.registry_config;
  if (!spec.given.empty()) profile["given"] = spec.given;
  if (!spec.ports.empty()) profile["ports"] = texts_of(spec.ports);
  if (!spec.mounts.empty()) profile["mounts"] = texts_of(spec.mounts);
  return profile;
}

std::string to_profile_yaml(const ClusterSpec& spec) { return to_yaml(to_profile(spec)); }

Result<ClusterSpec> parse_profile_yaml(const std::string& text, const std::string& path) {
  const auto documents = TRY(parse_yaml(text, path));
  if (documents.size() != 1 || !documents[0].value.is_object()) {
    return make_error(ErrorId::config_invalid, path + ":1: not a profile");
  }
  const auto& [yaml, lines] = documents[0];
  const auto bad = [&, &known = lines](const std::string& key, const std::string& why) {
    const auto line = known.find(key);
    return make_error(ErrorId::config_invalid,
                      path + ":" + std::to_string(line == known.end() ? 1 : line->second) + ": '" + key + "' " + why);
  };
  if (const auto found = int_at(yaml, "format"); found < 1 || found > newest_format)
    return bad("format", "is not one that this skiff reads (1 to " + std::to_string(newest_format) + ")");

  ClusterSpec spec;
  for (const auto& [key, field] :
       {std::pair{"name", &spec.profile}, std::pair{"driver", &spec.driver},
        std::pair{"kubernetesVersion", &spec.kubernetes_version}, std::pair{"nodeImage", &spec.node_image}}) {
    *field = text_at(yaml, key);
    if (field->empty()) return bad(key, "must be a text");
  }
  if (auto name = check_profile_name(spec.profile); !name.ok()) return bad("name", "is not a profile name");
  spec.id = text_at(yaml, "id");
  spec.owner = text_at(yaml, "owner");
  spec.context = text_at(yaml, "context");
  spec.driver_uri = text_at(yaml, "driverUri");
  auto nodes = parse_nodes(yaml);
  if (!nodes.ok()) return bad("nodes", nodes.error().what);
  spec.nodes = *std::move(nodes);
  auto node_settings = parse_all_node_settings(yaml, spec.nodes);
  if (!node_settings.ok()) return bad("nodeSettings", node_settings.error().what);
  spec.node_settings = *std::move(node_settings);
  if (const auto names = text_at(yaml, "nodeNames"); !names.empty()) {
    if (names != "numbers") return bad("nodeNames", "must be numbers, or left out");
    spec.node_names = NodeNames::numbers;
  }
  if (const Json* cpus = find(yaml, "cpus"); cpus != nullptr && cpus->is_number()) {
    boost::json::error_code error;
    spec.cpus = cpus->to_number<double>(error);
    if (error) return bad("cpus", "must be a number");
  }
  spec.memory_mib = int_at(yaml, "memoryMiB");
  spec.disk_mib = int_at(yaml, "diskMiB");
  if (find(yaml, "scheduleOnControlPlane") != nullptr) {
    spec.schedule_on_control_plane = bool_at(yaml, "scheduleOnControlPlane");
  }
  for (const auto& [key, range] :
       {std::pair{"network.nodes", &spec.node_subnet}, std::pair{"network.pods", &spec.pod_range},
        std::pair{"network.services", &spec.service_range}}) {
    if (find(yaml, key) == nullptr) continue;
    const auto parsed = parse_cidr(text_at(yaml, key));
    if (!parsed.ok()) return bad(key, "must be a range like 192.168.80.0/24");
    *range = *parsed;
  }
  for (const auto& addon : array_at(yaml, "addons")) {
    if (!addon.is_string()) return bad("addons", "must be a list of names");
    spec.addons.emplace_back(addon.get_string());
  }
  if (const Json* values = find(yaml, "addonValues")) {
    auto parsed = boost::json::try_value_to<decltype(spec.addon_values)>(*values);
    if (!parsed) return bad("addonValues", "must hold texts by addon and name");
    spec.addon_values = *std::move(parsed);
  }
  if (const Json* settings = find(yaml, "kubernetes")) {
    auto parsed = kubernetes_settings_from(*settings);
    if (!parsed.ok()) return bad("kubernetes", parsed.error().what);
    spec.kubernetes = *std::move(parsed);
  }
  for (const auto& entry : array_at(yaml, "mounts")) {
    auto mount = entry.is_string() ? parse_folder_mount(std::string_view(entry.get_string()))
                                   : Result<FolderMount>(make_error(ErrorId::usage, ""));
    if (!mount.ok() || !mount->from.starts_with('/')) return bad("mounts", "must be a list like [\"/src:/mnt/src\"]");
    spec.mounts.push_back(*std::move(mount));
  }
  spec.control_plane_host = static_cast<int>(int_at(yaml, "controlPlaneHost"));
  if (spec.control_plane_host != 0 && !is_control_plane_host(spec.control_plane_host)) {
    return bad("controlPlaneHost", "is not one that a control plane can have");
  }
  spec.no_kubernetes = bool_at(yaml, "noKubernetes");
  spec.shared_api = bool_at(yaml, "sharedApi");
  spec.network_name = text_at(yaml, "network.name");
  if (const auto family = text_at(yaml, "network.ipFamily"); !family.empty()) {
    if (family != "dual") return bad("network.ipFamily", "must be dual, or left out");
    spec.dual_stack = true;
  }
  const auto pod_network = parse_pod_network(yaml);
  if (!pod_network) return bad("network.cni", "must be none, manifest, or conflist with its text");
  spec.pod_network = *pod_network;
  if (const Json* registries = find(yaml, "registries")) {
    auto parsed = registries_from(*registries);
    if (!parsed.ok()) return bad("registries", parsed.error().what);
    spec.registries = *std::move(parsed);
  }
  if (const Json* proxies = find(yaml, "proxies")) {
    auto parsed = proxies_from(*proxies);
    if (!parsed.ok()) return bad("proxies", parsed.error().what);
    spec.proxies = *std::move(parsed);
  }
  spec.authorities = text_at(yaml, "authorities");
  spec.registry_config = text_at(yaml, "registryConfig");
  spec.given = text_at(yaml, "given");
  auto ports = parse_ports(yaml);
  if (!ports.ok()) return bad("ports", "must be like [\"127.0.0.1:8080:30080/tcp\"]");
  spec.ports = *std::move(ports);
  return spec;
}

namespace {

std::string text_of(const Json& value) {
  if (!value.is_array()) return scalar_text(value).value_or(to_text(value));
  std::vector<std::string> texts;
  for (const auto& each : value.get_array()) texts.push_back(text_of(each));
  return join(texts, ", ");
}

void flatten(const Json& value, const std::string& key, std::map<std::string, std::string>& out) {
  if (!value.is_object()) {
    out[key] = text_of(value);
    return;
  }
  for (const auto& [name, each] : value.get_object()) {
    flatten(each, key.empty() ? std::string(name) : key + '.' + std::string(name), out);
  }
}

std::map<std::string, std::string> keys_of(const ClusterSpec& spec) {
  std::map<std::string, std::string> keys;
  flatten(to_profile(spec), "", keys);
  for (const auto* of_skiff : {"format", "given"}) keys.erase(of_skiff);
  for (const auto* proxy : {"proxies.http", "proxies.https"}) {
    if (const auto found = keys.find(proxy); found != keys.end()) found->second = without_password(found->second);
  }
  return keys;
}

}  // namespace

std::vector<Difference> differences(const ClusterSpec& before, const ClusterSpec& after) {
  const auto was = keys_of(before);
  const auto is = keys_of(after);
  auto all = is;
  all.insert(was.begin(), was.end());
  const auto at = [](const auto& keys, const std::string& key) {
    const auto found = keys.find(key);
    return found == keys.end() ? std::string() : found->second;
  };
  std::vector<Difference> out;
  for (const auto& [key, ignored] : all) {
    if (at(was, key) != at(is, key)) out.push_back({key, at(was, key), at(is, key)});
  }
  return out;
}

}  // namespace skiff
