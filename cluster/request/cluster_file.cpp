// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/cluster_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

// A plain value as it would be typed; nothing for a list or a map.
std::optional<std::string> typed(const Json& value) {
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  return scalar_text(value);
}

std::string text_of(const Json& value) { return typed(value).value_or(""); }

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> out;
  if (const auto* list = value.if_array()) {
    for (const auto& each : *list) out.push_back(text_of(each));
  }
  return out;
}

const JsonObject& map_of(const Json& value) {
  static const JsonObject empty;
  const auto* map = value.if_object();
  return map == nullptr ? empty : *map;
}

// {a: x, b: y} as a=x, b=y.
std::vector<std::string> pairs_of(const Json& value) {
  std::vector<std::string> out;
  for (const auto& [name, each] : map_of(value)) out.push_back(std::string(name) + "=" + text_of(each));
  return out;
}

int number_of(const Json& value) {
  boost::json::error_code error;
  return value.to_number<int>(error);
}

bool truth_of(const Json& value) { return value.is_bool() && value.get_bool(); }

double cpus_of(const Json& value) {
  boost::json::error_code error;
  return value.is_string() ? all_cpus : value.to_number<double>(error);
}

bool all_of(const Json& list, bool (*good)(const Json&)) {
  return list.is_array() && std::ranges::all_of(list.get_array(), good);
}
bool all_values_of(const Json& map, bool (*good)(const Json&)) {
  return map.is_object() &&
         std::ranges::all_of(map.get_object(), [&](const auto& entry) { return good(entry.value()); });
}

// A kind of value: what a message calls it, what a schema calls it, and which values are of it.
struct Kind {
  std::string_view name;
  std::string_view schema;
  bool (*holds)(const Json&);
};
constexpr Kind text{"a text; a number needs quotes", R"({"type":"string"})",
                    [](const Json& v) { return v.is_string(); }};
constexpr Kind size{"a size like 2g or 2048m", R"({"type":["string","integer"]})",
                    [](const Json& v) { return v.is_string() || v.is_int64(); }};
constexpr Kind number{"a whole number", R"({"type":"integer"})",
                      [](const Json& v) { return v.is_int64() && std::in_range<int>(v.get_int64()); }};
constexpr Kind cpus{"a number of CPUs, or max", R"({"oneOf":[{"type":"number"},{"enum":["max","no-limit"]}]})",
                    [](const Json& v) { return v.is_string() ? is_all(text_of(v)) : v.is_int64() || v.is_double(); }};
constexpr Kind truth{"true or false", R"({"type":"boolean"})", [](const Json& v) { return v.is_bool(); }};
constexpr Kind texts{"a list of texts", R"({"type":"array","items":{"type":"string"}})",
                     [](const Json& v) { return all_of(v, text.holds); }};
constexpr Kind labels{"texts by name", R"({"type":"object","additionalProperties":{"type":"string"}})",
                      [](const Json& v) { return all_values_of(v, text.holds); }};
constexpr Kind plain_values{
    "values by name", R"({"type":"object","additionalProperties":{"type":["string","number","boolean"]}})",
    [](const Json& v) { return all_values_of(v, [](const Json& each) { return typed(each).has_value(); }); }};
constexpr Kind components{
    "settings by component, like kubelet: {max-pods: 50}",
    R"({"type":"object","additionalProperties":{"type":"object","additionalProperties":{"type":["string","number","boolean"]}}})",
    [](const Json& v) { return all_values_of(v, plain_values.holds); }};
constexpr Kind gates{"true or false by name", R"({"type":"object","additionalProperties":{"type":"boolean"}})",
                     [](const Json& v) { return all_values_of(v, truth.holds); }};
constexpr Kind role{"control-plane or worker", R"({"enum":["control-plane","worker"]})",
                    [](const Json& v) { return v == "control-plane" || v == "worker"; }};

// A key of the file: what it means for what is being read. Values that `take` is given are of the kind.
template <class Target>
struct Key {
  std::string_view path;  // "network.subnet"
  Kind kind;
  std::string_view help;
  void (*take)(Target&, const Json&);
};

struct Group {  // of nodes that are alike
  bool control_plane = false;
  int count = 1;
  NodeRequest node;
};
constexpr std::array<Key<Group>, 6> group_keys = {{
    {"role", role, "what the nodes are", [](Group& g, const Json& v) { g.control_plane = v == "control-plane"; }},
    {"count", number, "how many of them", [](Group& g, const Json& v) { g.count = number_of(v); }},
    {"cpus", cpus, "CPUs of each", [](Group& g, const Json& v) { g.node.cpus = cpus_of(v); }},
    {"memory", size, "memory of each", [](Group& g, const Json& v) { g.node.memory = text_of(v); }},
    {"labels", labels, "of their Node objects", [](Group& g, const Json& v) { g.node.labels = pairs_of(v); }},
    {"taints", texts, "such as gpu=yes:NoSchedule", [](Group& g, const Json& v) { g.node.taints = texts_of(v); }},
}};

struct Addon {
  std::string name;
  std::map<std::string, std::string> values;
};
constexpr std::array<Key<Addon>, 2> addon_keys = {{
    {"name", text, "as 'skiff addons list' shows it", [](Addon& a, const Json& v) { a.name = text_of(v); }},
    {"values", plain_values, "as 'skiff addons configure' takes them",
     [](Addon& a, const Json& v) {
       for (const auto& [name, each] : map_of(v)) a.values[std::string(name)] = text_of(each);
     }},
}};

using Request = StartRequest;
constexpr std::array<Key<Request>, 32> cluster_keys = {{
    {"profile", text, "name of the cluster", [](Request& r, const Json& v) { r.profile = text_of(v); }},
    {"driver", text, "docker or libvirt", [](Request& r, const Json& v) { r.driver = text_of(v); }},
    {"libvirtUri", text, "where libvirt is", [](Request& r, const Json& v) { r.driver_uri = text_of(v); }},
    {"kubernetesVersion", text, "such as v1.37.2",
     [](Request& r, const Json& v) { r.kubernetes_version = text_of(v); }},
    {"nodeImage", text, "in place of this skiff's own", [](Request& r, const Json& v) { r.node_image = text_of(v); }},
    {"cpus", cpus, "CPUs of each node", [](Request& r, const Json& v) { r.cpus = cpus_of(v); }},
    {"memory", size, "memory of each node", [](Request& r, const Json& v) { r.memory = text_of(v); }},
    {"diskSize", size, "disk of each virtual machine", [](Request& r, const Json& v) { r.disk_size = text_of(v); }},
    {"subnet", text, "a /24 for the nodes", [](Request& r, const Json& v) { r.subnet = text_of(v); }},
    {"staticIp", text, "address of the control plane", [](Request& r, const Json& v) { r.static_ip = text_of(v); }},
    {"network", text, "an existing network of Docker to join",
     [](Request& r, const Json& v) { r.network = text_of(v); }},
    {"podRange", text, "addresses of pods, such as 10.244.0.0/16",
     [](Request& r, const Json& v) { r.pod_range = text_of(v); }},
    {"serviceRange", text, "addresses of services, such as 10.96.0.0/12",
     [](Request& r, const Json& v) { r.service_range = text_of(v); }},
    {"ipFamily", text, "ipv4, or dual: IPv6 too", [](Request& r, const Json& v) { r.ip_family = text_of(v); }},
    {"cni", text, "the pods' network: default, none, or a file beside this one: a CNI configuration list, or manifests",
     [](Request& r, const Json& v) { r.cni = text_of(v); }},
    {"ports", texts, "of the control plane's node, on this host: '8080:30080'",
     [](Request& r, const Json& v) { r.ports = texts_of(v); }},
    {"mounts", texts, "folders of this host in every node: '/home/me/code:/code'",
     [](Request& r, const Json& v) { r.mounts = texts_of(v); }},
    {"registries.insecure", texts, "asked without TLS, or whatever their certificate",
     [](Request& r, const Json& v) { r.insecure_registries = texts_of(v); }},
    {"registries.mirrors", texts, "asked in place of Docker Hub",
     [](Request& r, const Json& v) { r.registry_mirrors = texts_of(v); }},
    {"registries.config", text, "logins for registries: a file beside this one, docker (Docker's own), or none",
     [](Request& r, const Json& v) { r.registry_config = text_of(v); }},
    {"proxy", text, "by which nodes reach registries: an address, none, or environment",
     [](Request& r, const Json& v) { r.http_proxy = r.https_proxy = text_of(v); }},
    {"noProxy", text, "what goes past it, beside all of the cluster's own",
     [](Request& r, const Json& v) { r.no_proxy = text_of(v); }},
    {"caFile", text, "certificates that nodes trust: a file beside this one, or none",
     [](Request& r, const Json& v) { r.ca_file = text_of(v); }},
    {"scheduleOnControlPlane", truth, "may pods run on the control plane?",
     [](Request& r, const Json& v) { r.schedule_on_control_plane = truth_of(v); }},
    {"contextName", text, "of the cluster in kubeconfig", [](Request& r, const Json& v) { r.context = text_of(v); }},
    {"kubernetes.apiServer.port", number, "where the API listens",
     [](Request& r, const Json& v) { r.kubernetes.api_port = number_of(v); }},
    {"kubernetes.apiServer.names", texts, "more names and addresses that its certificate is good for",
     [](Request& r, const Json& v) {
       r.kubernetes.api_names.emplace();
       r.kubernetes.api_addresses.emplace();
       for (auto& name : texts_of(v)) {
         (is_ip_address(name) ? r.kubernetes.api_addresses : r.kubernetes.api_names)->push_back(std::move(name));
       }
     }},
    {"kubernetes.dnsDomain", text, "the cluster's own",
     [](Request& r, const Json& v) { r.kubernetes.dns_domain = text_of(v); }},
    {"kubernetes.namespace", text, "of the kubeconfig's context",
     [](Request& r, const Json& v) { r.kubernetes.context_namespace = text_of(v); }},
    {"kubernetes.components", components, "settings of components, like kubelet: {max-pods: 50}",
     [](Request& r, const Json& v) {
       r.kubernetes.components.emplace();
       for (const auto& [component, settings] : map_of(v)) {
         for (const auto& pair : pairs_of(settings)) {
           r.kubernetes.components->push_back(std::string(component).append(".").append(pair));
         }
       }
     }},
    {"manifests", texts, "applied in the end, as 'kubectl apply' does: files and folders (beside this file), URLs",
     [](Request& r, const Json& v) { r.manifests = texts_of(v); }},
    {"kubernetes.featureGates", gates, "of all components",
     [](Request& r, const Json& v) { r.kubernetes.feature_gates = pairs_of(v); }},
}};
// Lists with keys of their own.
constexpr std::string_view nodes_key = "nodes";
constexpr std::string_view addons_key = "addons";

struct File {
  std::string name;
  const YamlDocument& document;

  Error refused(const std::string& path, const std::string& why) const {
    const auto line = document.lines.find(path);
    return make_error(ErrorId::config_invalid,
                      name + ":" + std::to_string(line == document.lines.end() ? 1 : line->second) + ": " + why);
  }
};

// The names that may stand directly below `section` ("" or "kubernetes.").
template <class Target, std::size_t count>
std::vector<std::string> names_below(const std::array<Key<Target>, count>& keys, std::string_view section) {
  std::vector<std::string> names;
  for (const auto& key : keys) {
    if (!key.path.starts_with(section)) continue;
    std::string name(key.path.substr(section.size(), key.path.find('.', section.size()) - section.size()));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

// Takes what stands in `object`, which lies at `place` of the file, whose keys begin with `section`.
template <class Target, std::size_t count>
Result<void> take_all(const File& file, const std::array<Key<Target>, count>& keys, std::string_view section,
                      const std::string& place, const JsonObject& object, Target& target) {
  for (const auto& [name, value] : object) {
    const std::string path = std::string(section).append(name);
    const std::string at = place + std::string(name);
    if (section.empty() && place.empty() && (path == nodes_key || path == addons_key)) continue;
    const auto key = std::ranges::find(keys, path, &Key<Target>::path);
    if (key != keys.end()) {
      if (!key->kind.holds(value)) {
        return file.refused(at, "'" + at + "' must be " + std::string(key->kind.name));
      }
      key->take(target, value);
      continue;
    }
    auto known = names_below(keys, section);
    if (std::ranges::find(known, std::string(name)) == known.end()) {
      if (place.empty()) known.insert(known.end(), {std::string(nodes_key), std::string(addons_key)});
      return file.refused(at, "there is no '" + at + "'" + did_you_mean(std::string(name), known));
    }
    if (!value.is_object()) return file.refused(at, "'" + at + "' must hold keys of its own");
    TRY(take_all(file, keys, path + ".", at + ".", value.get_object(), target));
  }
  return {};
}

Result<NodeRequests> nodes_of(const File& file, const Json& list) {
  const std::string key(nodes_key);
  if (!list.is_array()) return file.refused(key, "'nodes' must be a list of groups of nodes");
  std::vector<NodeRequest> control_planes;
  std::vector<NodeRequest> workers;
  for (std::size_t i = 0; i < list.get_array().size(); ++i) {
    const std::string place = key + "." + std::to_string(i);
    const Json& entry = list.get_array()[i];
    if (!entry.is_object()) return file.refused(place, "a group of nodes is like {role: worker, count: 2}");
    Group group;
    TRY(take_all(file, group_keys, "", place + ".", entry.get_object(), group));
    if (group.count < 0 || group.count > max_nodes) {
      return file.refused(place + ".count", "'count' must be 0 to " + std::to_string(max_nodes));
    }
    auto& all = group.control_plane ? control_planes : workers;
    all.insert(all.end(), static_cast<std::size_t>(group.count), group.node);
  }
  if (control_planes.empty()) control_planes.emplace_back();
  NodeRequests all{static_cast<int>(control_planes.size()), std::move(control_planes)};
  all.nodes.insert(all.nodes.end(), workers.begin(), workers.end());
  return all;
}

Result<void> take_addons(const File& file, const Json& list, StartRequest& request) {
  const std::string key(addons_key);
  if (!list.is_array()) return file.refused(key, "'addons' must be a list of names");
  for (std::size_t i = 0; i < list.get_array().size(); ++i) {
    const std::string place = key + "." + std::to_string(i);
    const Json& entry = list.get_array()[i];
    Addon addon;
    if (entry.is_object()) {
      TRY(take_all(file, addon_keys, "", place + ".", entry.get_object(), addon));
    } else {
      addon.name = text_of(entry);
    }
    if (addon.name.empty()) return file.refused(place, "an addon is a name, or like {name: ingress, values: {...}}");
    request.addons.push_back(addon.name);
    if (!addon.values.empty()) request.addon_values[addon.name] = std::move(addon.values);
  }
  return {};
}

JsonObject closed(JsonObject properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

template <class Target, std::size_t count>
JsonObject properties_of(const std::array<Key<Target>, count>& keys, std::string_view section) {
  JsonObject properties;
  for (const auto& name : names_below(keys, section)) {
    const std::string path = std::string(section).append(name);
    const auto key = std::ranges::find(keys, path, &Key<Target>::path);
    if (key == keys.end()) {
      properties[name] = closed(properties_of(keys, path + "."));
      continue;
    }
    JsonObject property = boost::json::parse(key->kind.schema).get_object();
    property["description"] = key->help;
    properties[name] = std::move(property);
  }
  return properties;
}

}  // namespace

Result<void> take_cluster_file(const std::string& content, const std::string& name, StartRequest& request) {
  const auto documents = TRY(parse_yaml(content, name));
  if (documents.size() != 1 || !documents[0].value.is_object()) {
    return make_error(ErrorId::config_invalid, name + ":1: this is not one document of 'key: value' lines");
  }
  const File file{name, documents[0]};
  const auto& object = file.document.value.get_object();
  TRY(take_all(file, cluster_keys, "", "", object, request));
  if (const auto* nodes = object.if_contains(nodes_key)) request.each_node = TRY(nodes_of(file, *nodes));
  if (const auto* addons = object.if_contains(addons_key)) TRY(take_addons(file, *addons, request));
  return {};
}

Result<void> take_cluster_value(std::string_view path, const std::string& value, const std::string& said_as,
                                StartRequest& request) {
  const auto key = std::ranges::find(cluster_keys, path, &Key<Request>::path);
  if (key == cluster_keys.end()) return make_error(ErrorId::internal, "there is no key " + std::string(path));
  Json meant(value);
  if (!key->kind.holds(meant)) {
    boost::json::error_code error;
    meant = boost::json::parse(value, error);  // a number, or true and false
    if (error || !key->kind.holds(meant)) {
      return make_error(ErrorId::usage, said_as + " must be " + std::string(key->kind.name) + ", not '" + value + "'");
    }
  }
  key->take(request, meant);
  return {};
}

Json cluster_file_schema() {
  JsonObject properties = properties_of(cluster_keys, "");
  properties[nodes_key] = JsonObject{{"type", "array"}, {"items", closed(properties_of(group_keys, ""))}};
  properties[addons_key] = JsonObject{
      {"type", "array"},
      {"items",
       JsonObject{{"oneOf", JsonArray{JsonObject{{"type", "string"}}, closed(properties_of(addon_keys, ""))}}}}};
  JsonObject schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "A cluster of skiff"}};
  for (auto& [key, value] : closed(std::move(properties))) schema[key] = value;
  return schema;
}

}  // namespace skiff::cluster
