// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/strings.h"
#include "cli/line/args.h"
#include "cluster/request/cluster_file.h"
#include "drivers/driver_table.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

constexpr std::string_view nodes_setting = "nodes";  // a number; in a cluster file they are a list

Error broken(const std::string& path, int line, const std::string& why) {
  return make_error(ErrorId::config_invalid, path + ":" + std::to_string(line) + ": " + why);
}

Result<Settings> parse(const std::string& text, const std::string& path) {
  const auto documents = TRY(parse_yaml(text, path));
  if (documents.empty()) return Settings();
  if (documents.size() > 1 || !documents[0].value.is_object()) {
    return broken(path, 1, "this is not a list of 'key: value' lines");
  }
  Settings settings;
  for (const auto& [key, value] : documents[0].value.get_object()) {
    const std::string name(key);
    const auto found = documents[0].lines.find(name);
    const int line = found == documents[0].lines.end() ? 1 : found->second;
    const auto words = scalar_text(value);  // a hand-written `cpus: 1.5` is a number in YAML
    if (!words) return broken(path, line, "'" + name + "' must have a plain value");
    if (const auto valid = check_setting(name, *words); !valid) return broken(path, line, valid.error().what);
    settings[name] = *words;
  }
  return settings;
}

}  // namespace

std::span<const Setting> all_settings() {
  static constexpr std::array<Setting, 22> settings = {{
      {"profile", "the cluster that commands work on", "profile"},
      {"driver", "what makes the nodes", "driver"},
      {"libvirt-uri", "where libvirt is: qemu:///system, qemu+ssh://host/system", "libvirtUri"},
      {nodes_setting, "number of nodes, control plane included", ""},
      {"cpus", "CPUs that each node may use: 2, 1.5, max", "cpus"},
      {"memory", "memory of each node: 2g, 2048m, max", "memory"},
      {"disk-size", "disk of each node, for drivers with disks: 20g", "diskSize"},
      {"subnet", "a /24 for the nodes", "subnet"},
      {"network", "a network of Docker's for the nodes", "network"},
      {"pod-cidr", "addresses of pods: 10.244.0.0/16", "podRange"},
      {"service-cluster-ip-range", "addresses of services: 10.96.0.0/12", "serviceRange"},
      {"ip-family", "addresses of nodes, pods and services: ipv4 or dual", "ipFamily"},
      {"cni", "the pods' network: default, none, or a file", "cni"},
      {"proxy", "proxy by which nodes reach registries: http://HOST:PORT, none, environment", "proxy"},
      {"no-proxy", "what goes past the proxy: corp.example,10.0.0.0/8", "noProxy"},
      {"ca-file", "file with certificates of authorities that nodes trust, or none", "caFile"},
      {"registry-config", "logins for registries: a file like Docker's config.json, docker, or none",
       "registries.config"},
      {"kubernetes-version", "version of Kubernetes: 1.36, v1.37.2, latest", "kubernetesVersion"},
      {"node-image", "node image in place of this skiff's own", "nodeImage"},
      {"apiserver-port", "where the API listens", "kubernetes.apiServer.port"},
      {"dns-domain", "the cluster's own DNS domain", "kubernetes.dnsDomain"},
      {"namespace", "of the kubeconfig's context", "kubernetes.namespace"},
  }};
  return settings;
}

Result<void> apply(const Setting& setting, const std::string& value, cluster::StartRequest& request) {
  const std::string flag = "--" + std::string(setting.key);
  if (setting.key == "driver") TRY(drivers::find_driver(value));
  if (setting.key != nodes_setting) return cluster::take_cluster_value(setting.file_key, value, flag, request);
  request.nodes = TRY(parse_small_int(value, flag));
  return {};
}

Result<Setting> find_setting(const std::string& key) {
  std::vector<std::string> keys;
  for (const auto& setting : all_settings()) {
    if (setting.key == key) return setting;
    keys.emplace_back(setting.key);
  }
  const std::string near = nearest(key, keys);
  return make_error(ErrorId::usage, "There is no setting '" + key + "'",
                    near.empty() ? "The settings are: " + join(keys, ", ") : "Did you mean '" + near + "'?");
}

Result<void> check_setting(const std::string& key, const std::string& value) {
  cluster::StartRequest request;
  request.profile = "any";
  TRY(apply(TRY(find_setting(key)), value, request));
  TRY(cluster::resolve(request, std::nullopt));
  return {};
}

std::string settings_path(const std::string& home) { return home + "/config.yaml"; }

Result<Settings> load_settings(const std::string& home) {
  const auto text = TRY(sys::read_file_if_there(settings_path(home)));
  return parse(text.value_or(""), settings_path(home));
}

std::string chosen_profile(const std::optional<std::string>& named, const Settings& settings, std::string_view usual) {
  if (named) return *named;
  const auto chosen = settings.find("profile");
  return chosen != settings.end() ? chosen->second : sys::env("SKIFF_PROFILE").value_or(std::string(usual));
}

Result<void> change_setting(const Context& ctx, const std::string& home, const std::string& key,
                            const std::optional<std::string>& value) {
  TRY(sys::make_folders(home));
  const auto lock = sys::Lock::acquire(ctx.within(std::chrono::seconds(10)), settings_path(home) + ".lock", [] {});
  if (!lock.ok() && lock.error().id == ErrorId::profile_busy) {
    return make_error(ErrorId::profile_busy, "Another skiff changes the settings");
  }
  if (!lock.ok()) return lock.error();
  Settings settings = TRY(load_settings(home));
  settings.erase(key);
  if (value) settings[key] = *value;
  JsonObject object;
  for (const auto& [name, text] : settings) object[name] = text;
  return sys::write_atomic(settings_path(home), to_yaml(object) + "\n");
}

}  // namespace skiff::cli
