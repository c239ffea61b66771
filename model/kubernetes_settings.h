// SPDX-License-Identifier: Apache-2.0
// What a user may set about Kubernetes itself, for the whole cluster. Plain data; checked when it is read.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace skiff {

inline constexpr std::uint16_t default_api_port = 6443;
inline constexpr std::string_view default_dns_domain = "cluster.local";

// "kubelet.max-pods=50". The component's name is one of component_names().
struct ComponentSetting {
  std::string component;
  std::string key;
  std::string value;
  auto operator<=>(const ComponentSetting&) const = default;
};
std::vector<std::string> component_names();  // "apiserver", "controller-manager", ...
// usage, with the nearest name of a component; "proxy" and "kube-apiserver" are names too. unsupported for kubeadm's.
Result<ComponentSetting> parse_component_setting(std::string_view text);
std::string to_string(const ComponentSetting& setting);

struct KubernetesSettings {
  std::uint16_t api_port = default_api_port;
  std::string api_name = {};                // under which users reach the API, in place of its address; empty = by that
  std::vector<std::string> api_names = {};  // more names and addresses that the API's certificate is good for
  std::int64_t certificate_seconds = 0;     // for which what the authorities issue is valid; 0 = a year
  std::string dns_domain = std::string(default_dns_domain);
  std::string context_namespace = {};  // of the context in kubeconfigs; empty = none is said
  std::vector<ComponentSetting> components = {};
  std::map<std::string, bool> feature_gates = {};
  bool operator==(const KubernetesSettings&) const = default;
};

// Whether nodes that run with `before` have to start anew to have `after`.
bool needs_restart(const KubernetesSettings& before, const KubernetesSettings& after);
// Whether anything is set that only a component itself can judge.
bool sets_components(const KubernetesSettings& settings);

// What differs from the defaults, as profiles keep it, and back. config_invalid, without the file's name.
JsonObject to_json(const KubernetesSettings& settings);
Result<KubernetesSettings> kubernetes_settings_from(const Json& json);

// Whether it is written like an IPv4 or IPv6 address.
bool is_ip_address(std::string_view text);

// usage, when it is not one.
Result<void> check_api_name(std::string_view name);    // a DNS name, "*.lab.example" too, or an IP address
Result<void> check_dns_domain(std::string_view name);  // "cluster.local"
Result<void> check_namespace(std::string_view name);
Result<void> check_feature_gate(std::string_view name);

}  // namespace skiff
