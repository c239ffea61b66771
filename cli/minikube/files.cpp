// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/files.h"

#include <unistd.h>

#include <cstdlib>

#include "base/strings.h"
#include "cluster/scheduled_stop.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::cli::minikube {
namespace {

// Tells whose a config.json is: a key that minikube does not have and programs do not read.
constexpr std::string_view mark = "SkiffCluster";

std::string version_of(const ClusterSpec& spec) { return spec.no_kubernetes ? "v0.0.0" : spec.kubernetes_version; }

JsonArray nodes_value(const ClusterSpec& spec) {
  JsonArray nodes;
  for (const auto& node : names_of(spec)) {
    const bool first = node.role == Role::control_plane;
    nodes.push_back(JsonObject{{"Name", node.name == spec.profile ? "" : short_node_name(spec.profile, node.name)},
                               {"IP", to_string(address_of(spec, node.name).value_or(Ipv4()))},
                               {"Port", first ? spec.kubernetes.api_port : 0},
                               {"KubernetesVersion", version_of(spec)},
                               {"ContainerRuntime", "containerd"},
                               {"ControlPlane", first},
                               {"Worker", !first || control_plane_schedulable(spec)}});
  }
  return nodes;
}

JsonArray ports_value(const ClusterSpec& spec) {
  JsonArray ports;
  for (const auto& port : spec.ports) ports.emplace_back(to_string(port));
  return ports;
}

JsonObject kubernetes_config(const ClusterSpec& spec) {
  const KubernetesSettings& settings = spec.kubernetes;
  JsonArray names;
  JsonArray addresses;
  for (const auto& name : settings.api_names) (is_ip_address(name) ? addresses : names).emplace_back(name);
  JsonArray options;
  for (const auto& [component, key, value] : settings.components) {
    options.push_back(JsonObject{{"Component", component}, {"Key", key}, {"Value", value}});
  }
  std::vector<std::string> gates;
  for (const auto& [gate, on] : settings.feature_gates) gates.push_back(gate + (on ? "=true" : "=false"));
  return {{"KubernetesVersion", version_of(spec)},
          {"APIServerName", settings.api_name.empty() ? "minikubeCA" : settings.api_name},
          {"ClusterName", spec.profile},
          {"Namespace", settings.context_namespace.empty() ? "default" : settings.context_namespace},
          {"APIServerNames", std::move(names)},
          {"APIServerIPs", std::move(addresses)},
          {"DNSDomain", settings.dns_domain},
          {"ContainerRuntime", "containerd"},
          {"FeatureGates", join(gates, ",")},
          {"ServiceCIDR", to_string(spec.service_range)},
          {"ExtraOptions", std::move(options)},
          {"NodePort", settings.api_port}};
}

bool is_ours(const std::string& file) {
  const auto text = sys::read_file(file);
  if (!text.ok()) return false;
  const auto config = parse_json(*text);
  return config.ok() && find(*config, mark) != nullptr;
}

}  // namespace

std::string home_folder(const Environment& environment) {
  constexpr std::string_view name = "/.minikube";
  const auto given = environment("MINIKUBE_HOME");
  const std::string base = given.value_or(sys::home_folder());
  return base.ends_with(name) ? base : base + std::string(name);
}

void take_home() {
  if (sys::env("SKIFF_HOME") || !sys::env("MINIKUBE_HOME")) return;
  const std::string cache = sys::cache_folder();
  ::setenv("SKIFF_CACHE_DIR", cache.c_str(), 1);
  ::setenv("SKIFF_HOME", home_folder(sys::env).c_str(), 1);
}

JsonObject cluster_config(const ClusterSpec& spec) {
  JsonObject addons;
  for (const auto& addon : spec.addons) addons[addon] = true;
  return {{"Name", spec.profile},
          {"Driver", spec.driver},
          {"Memory", spec.memory_mib},
          {"CPUs", static_cast<std::int64_t>(spec.cpus)},
          {"DiskSize", spec.disk_mib},
          {"KicBaseImage", spec.node_image},
          {"Network", spec.network_name},
          {"InsecureRegistry", boost::json::value_from(spec.registries.insecure)},
          {"RegistryMirror", boost::json::value_from(spec.registries.mirrors)},
          {"ExposedPorts", ports_value(spec)},
          {"Subnet", spec.node_subnet.bits == 0 ? "" : to_string(spec.node_subnet)},
          {"MultiNodeRequested", node_count(spec) > 1},
          {"Addons", std::move(addons)},
          {"Nodes", nodes_value(spec)},
          {"APIServerPort", spec.kubernetes.api_port},
          {"KubernetesConfig", kubernetes_config(spec)},
          {mark, spec.id}};
}

JsonObject cluster_configs(const cluster::Home& home) {
  JsonObject configs;
  for (const auto& name : home.store.names()) {
    const std::optional<ClusterSpec> spec = home.store.find(name).value_or(std::nullopt);
    if (spec) configs[name] = cluster_config(*spec);
  }
  return configs;
}

Result<void> write_files(const cluster::Home& home, const std::string& folder) {
  const std::string profiles = folder + "/profiles/";
  const JsonObject configs = cluster_configs(home);
  for (const auto& [name, config] : configs) {
    const std::string file = profiles + std::string(name) + "/config.json";
    if (sys::exists(file) && !is_ours(file)) continue;
    TRY(sys::make_folders(profiles + std::string(name)));
    TRY(sys::write_atomic(file, to_pretty_text(config), 0600));
    const std::string pid_file = profiles + std::string(name) + "/pid";  // of a scheduled stop
    if (const auto process = cluster::scheduled_stop_process(home, std::string(name))) {
      TRY(sys::write_atomic(pid_file, std::to_string(*process)));
    } else {
      ::unlink(pid_file.c_str());
    }
  }
  for (const auto& name : sys::list_folder(profiles)) {
    const std::string file = profiles + name + "/config.json";
    if (configs.contains(name) || !is_ours(file)) continue;
    ::unlink(file.c_str());
    ::unlink((profiles + name + "/pid").c_str());
    ::rmdir((profiles + name).c_str());  // unless there is more in it
  }
  return {};
}

}  // namespace skiff::cli::minikube
