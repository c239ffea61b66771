// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/written_cluster.h"

#include <algorithm>
#include <utility>

#include "cluster/own_image.h"

namespace skiff::cluster {
namespace {

std::string size_text(std::int64_t mib) { return mib == 0 ? "max" : std::to_string(mib) + "m"; }
Json cpus_json(double cpus) { return cpus == 0 ? Json("max") : Json(cpus); }

template <class T>
JsonArray texts_of(const std::vector<T>& all) {
  JsonArray texts;
  for (const auto& each : all) texts.emplace_back(to_string(each));
  return texts;
}
Json texts_of(const std::vector<std::string>& all) { return boost::json::value_from(all); }

JsonObject group_of(Role role, const NodeSettings& settings) {
  JsonObject group{{"role", to_string(role)}};
  if (settings.cpus) group["cpus"] = cpus_json(*settings.cpus);
  if (settings.memory_mib) group["memory"] = size_text(*settings.memory_mib);
  if (!settings.labels.empty()) group["labels"] = boost::json::value_from(settings.labels);
  if (!settings.taints.empty()) group["taints"] = texts_of(settings.taints);
  return group;
}

// Neighbours that are alike are one group with a count.
JsonArray groups_of(const ClusterSpec& spec) {
  std::vector<std::pair<JsonObject, int>> counted;
  for (const auto& member : spec.nodes) {
    const auto own = spec.node_settings.find(member);
    JsonObject group = group_of(member.role, own == spec.node_settings.end() ? NodeSettings() : own->second);
    if (counted.empty() || counted.back().first != group) counted.emplace_back(std::move(group), 0);
    ++counted.back().second;
  }
  JsonArray groups;
  for (auto& [group, count] : counted) {
    if (count > 1) group["count"] = count;
    groups.emplace_back(std::move(group));
  }
  return groups;
}

JsonArray addons_of(const ClusterSpec& spec) {
  JsonArray addons;
  for (const auto& name : spec.addons) {
    const auto values = spec.addon_values.find(name);
    if (values == spec.addon_values.end() || values->second.empty()) {
      addons.emplace_back(name);
    } else {
      addons.emplace_back(JsonObject{{"name", name}, {"values", boost::json::value_from(values->second)}});
    }
  }
  return addons;
}

// In the order in which they were said first.
JsonObject components_of(const std::vector<ComponentSetting>& settings) {
  std::vector<std::pair<std::string, JsonObject>> components;
  for (const auto& [component, key, value] : settings) {
    auto found = std::ranges::find(components, component, &std::pair<std::string, JsonObject>::first);
    if (found == components.end()) found = components.insert(found, {component, JsonObject()});
    found->second[key] = value;
  }
  JsonObject by_name;
  for (auto& [component, values] : components) by_name[component] = std::move(values);
  return by_name;
}

JsonObject kubernetes_of(const KubernetesSettings& settings) {
  JsonObject kubernetes;
  JsonObject api;
  if (settings.api_port != default_api_port) api["port"] = settings.api_port;
  if (!settings.api_names.empty()) api["names"] = texts_of(settings.api_names);
  if (!api.empty()) kubernetes["apiServer"] = std::move(api);
  if (settings.dns_domain != default_dns_domain) kubernetes["dnsDomain"] = settings.dns_domain;
  if (!settings.context_namespace.empty()) kubernetes["namespace"] = settings.context_namespace;
  if (!settings.components.empty()) kubernetes["components"] = components_of(settings.components);
  if (!settings.feature_gates.empty()) kubernetes["featureGates"] = boost::json::value_from(settings.feature_gates);
  return kubernetes;
}

bool has_password(const std::string& proxy) { return !proxy.empty() && !parts_of_proxy(proxy).user.empty(); }

void write_proxies(const Proxies& proxies, WrittenCluster& written) {
  if (!proxies.said) return;  // each start has those of its environment
  if (has_password(proxies.http) || has_password(proxies.https)) {
    written.left_out.emplace_back("proxy: it has a password");
  } else if (proxies.http != proxies.https) {
    written.left_out.emplace_back("proxy: there is one for http and another for https (--docker-env)");
  } else {
    written.file["proxy"] = proxies.http.empty() ? std::string(word_none) : proxies.http;
  }
  if (!proxies.past.empty()) written.file["noProxy"] = proxies.past;
}

void write_network(const ClusterSpec& spec, WrittenCluster& written) {
  using Kind = PodNetwork::Kind;
  JsonObject& file = written.file;
  const ClusterSpec usual;
  if (spec.control_plane_host != 0) {
    if (const auto address = address_of(spec, control_plane_of(spec))) file["staticIp"] = to_string(*address);
  }
  if (!spec.network_name.empty()) file["network"] = spec.network_name;
  if (spec.pod_range != usual.pod_range) file["podRange"] = to_string(spec.pod_range);
  if (spec.service_range != usual.service_range) file["serviceRange"] = to_string(spec.service_range);
  if (spec.dual_stack) file["ipFamily"] = "dual";
  if (spec.pod_network.kind == Kind::none) file["cni"] = word_none;
  if (spec.pod_network.kind == Kind::conflist || spec.pod_network.kind == Kind::manifest) {
    written.left_out.emplace_back("cni: name the file that it was given");
  }
}

void write_registries(const ClusterSpec& spec, WrittenCluster& written) {
  JsonObject registries;
  if (!spec.registries.insecure.empty()) registries["insecure"] = texts_of(spec.registries.insecure);
  if (!spec.registries.mirrors.empty()) registries["mirrors"] = texts_of(spec.registries.mirrors);
  if (!spec.registry_config.empty()) registries["config"] = spec.registry_config;
  if (!registries.empty()) written.file["registries"] = std::move(registries);
  if (!spec.authorities.empty()) written.left_out.emplace_back("caFile: name the file that it was given");
}

// What only flags can say.
void tell_of_flags(const ClusterSpec& spec, WrittenCluster& written) {
  if (spec.no_kubernetes) written.left_out.emplace_back("--no-kubernetes");
  if (spec.node_names == NodeNames::numbers) written.left_out.emplace_back("--node-names numbers");
  if (!spec.kubernetes.api_name.empty()) written.left_out.emplace_back("--apiserver-name " + spec.kubernetes.api_name);
  if (spec.kubernetes.certificate_seconds != 0) written.left_out.emplace_back("--cert-expiration");
}

}  // namespace

WrittenCluster written_cluster(const ClusterSpec& spec) {
  WrittenCluster written{{{"profile", spec.profile}, {"driver", spec.driver}}, {}};
  JsonObject& file = written.file;
  if (!spec.driver_uri.empty()) file["libvirtUri"] = spec.driver_uri;
  file["kubernetesVersion"] = spec.kubernetes_version;
  if (!spec.node_image.empty() && !version_of_image(spec.node_image)) file["nodeImage"] = spec.node_image;
  if (spec.cpus != 0) file["cpus"] = spec.cpus;
  if (spec.memory_mib != 0) file["memory"] = size_text(spec.memory_mib);
  if (spec.disk_mib != 0) file["diskSize"] = size_text(spec.disk_mib);
  file["nodes"] = groups_of(spec);
  if (spec.schedule_on_control_plane) file["scheduleOnControlPlane"] = *spec.schedule_on_control_plane;
  write_network(spec, written);
  if (!spec.ports.empty()) file["ports"] = texts_of(spec.ports);
  if (!spec.mounts.empty()) file["mounts"] = texts_of(spec.mounts);
  write_registries(spec, written);
  write_proxies(spec.proxies, written);
  if (!spec.context.empty()) file["contextName"] = spec.context;
  if (auto kubernetes = kubernetes_of(spec.kubernetes); !kubernetes.empty()) file["kubernetes"] = std::move(kubernetes);
  if (!spec.addons.empty()) file["addons"] = addons_of(spec);
  tell_of_flags(spec, written);
  return written;
}

}  // namespace skiff::cluster
