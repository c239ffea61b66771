// SPDX-License-Identifier: Apache-2.0
#include "model/kubernetes_settings.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/strings.h"
#include "model/ip.h"

namespace skiff {
namespace {

constexpr std::string_view small_letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";

bool consists_of(std::string_view text, const std::string& characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// RFC 1123.
bool is_label(std::string_view text) {
  constexpr std::size_t longest = 63;
  return text.size() <= longest && consists_of(text, std::string(small_letters) + std::string(digits) + "-") &&
         text.front() != '-' && text.back() != '-';
}

bool is_dns_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  const auto labels = split(text, '.');
  return text.size() <= longest && std::ranges::all_of(labels, is_label) &&
         !consists_of(labels.back(), std::string(digits));  // else it looks like an address, and is none
}

Error config_error(std::string what) { return make_error(ErrorId::config_invalid, std::move(what)); }

// The names that skiff itself, minikube and Kubernetes have for the same thing.
struct ComponentName {
  std::string_view said;
  std::string_view name;
};
constexpr std::array<ComponentName, 11> all_names = {{{"apiserver", "apiserver"},
                                                      {"controller-manager", "controller-manager"},
                                                      {"scheduler", "scheduler"},
                                                      {"etcd", "etcd"},
                                                      {"kubelet", "kubelet"},
                                                      {"kube-proxy", "kube-proxy"},
                                                      {"proxy", "kube-proxy"},
                                                      {"kube-apiserver", "apiserver"},
                                                      {"kube-controller-manager", "controller-manager"},
                                                      {"kube-scheduler", "scheduler"},
                                                      {"kubeproxy", "kube-proxy"}}};

Result<std::string> component_named(const std::string& said) {
  if (const auto* found = std::ranges::find(all_names, said, &ComponentName::said); found != all_names.end()) {
    return std::string(found->name);
  }
  if (said == "kubeadm") {
    return make_error(ErrorId::unsupported, "No kubeadm makes a cluster of skiff, so it has no settings of kubeadm's",
                      "Set the component itself, such as --extra-config=apiserver.v=4");
  }
  const auto names = component_names();
  return make_error(ErrorId::usage, "There is no component '" + said + "' to configure" + did_you_mean(said, names),
                    "The components are: " + join(names, ", "));
}

}  // namespace

bool is_ip_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return consists_of(text, std::string(digits) + "abcdefABCDEF:.");
  return parse_ipv4(text).ok();
}

std::vector<std::string> component_names() {
  std::vector<std::string> names;
  for (const auto& [said, name] : all_names) {
    if (said == name) names.emplace_back(name);
  }
  return names;
}

Result<ComponentSetting> parse_component_setting(std::string_view text) {
  const auto equals = text.find('=');
  const auto dot = text.substr(0, equals).find('.');
  ComponentSetting setting;
  if (equals != std::string_view::npos && dot != std::string_view::npos) {
    setting.key = text.substr(dot + 1, equals - dot - 1);
    setting.value = text.substr(equals + 1);
  }
  if (!consists_of(setting.key, std::string(letters) + std::string(digits) + "-_.") || setting.key.front() == '-') {
    return make_error(ErrorId::usage,
                      "A component's setting must be like kubelet.max-pods=50, not '" + std::string(text) + "'");
  }
  if (setting.value.find_first_of("\r\n") != std::string::npos) {
    return make_error(ErrorId::usage, "The value of " + setting.key + " has more than one line");
  }
  setting.component = TRY(component_named(std::string(text.substr(0, dot))));
  return setting;
}

std::string to_string(const ComponentSetting& setting) {
  return setting.component + "." + setting.key + "=" + setting.value;
}

bool needs_restart(const KubernetesSettings& before, const KubernetesSettings& after) {
  KubernetesSettings same = after;
  same.context_namespace = before.context_namespace;
  return before != same;
}

bool sets_components(const KubernetesSettings& settings) {
  return !settings.components.empty() || !settings.feature_gates.empty();
}

JsonObject to_json(const KubernetesSettings& settings) {
  JsonObject json;
  if (settings.api_port != default_api_port) json["apiPort"] = settings.api_port;
  if (!settings.api_name.empty()) json["apiName"] = settings.api_name;
  if (!settings.api_names.empty()) json["apiNames"] = boost::json::value_from(settings.api_names);
  if (settings.certificate_seconds != 0) json["certificateSeconds"] = settings.certificate_seconds;
  if (settings.dns_domain != default_dns_domain) json["dnsDomain"] = settings.dns_domain;
  if (!settings.context_namespace.empty()) json["contextNamespace"] = settings.context_namespace;
  JsonArray components;
  for (const auto& setting : settings.components) components.emplace_back(to_string(setting));
  if (!components.empty()) json["extraConfig"] = std::move(components);
  if (!settings.feature_gates.empty()) json["featureGates"] = boost::json::value_from(settings.feature_gates);
  return json;
}

Result<KubernetesSettings> kubernetes_settings_from(const Json& json) {
  if (!json.is_object()) return config_error("must be a list of 'key: value' lines");
  KubernetesSettings settings;
  const auto port = int_at(json, "apiPort", default_api_port);
  if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) return config_error("has no port in apiPort");
  settings.api_port = static_cast<std::uint16_t>(port);
  settings.api_name = text_at(json, "apiName");
  if (!settings.api_name.empty() && !check_api_name(settings.api_name).ok())
    return config_error("has no name in apiName");
  for (const auto& name : array_at(json, "apiNames")) {
    if (!name.is_string() || !check_api_name(name.get_string()).ok()) return config_error("has no names in apiNames");
    settings.api_names.emplace_back(name.get_string());
  }
  settings.certificate_seconds = int_at(json, "certificateSeconds");
  if (settings.certificate_seconds < 0) return config_error("has no time in certificateSeconds");
  settings.dns_domain = text_at(json, "dnsDomain", default_dns_domain);
  if (!check_dns_domain(settings.dns_domain).ok()) return config_error("has no domain in dnsDomain");
  settings.context_namespace = text_at(json, "contextNamespace");
  if (!settings.context_namespace.empty() && !check_namespace(settings.context_namespace).ok()) {
    return config_error("has no namespace in contextNamespace");
  }
  for (const auto& text : array_at(json, "extraConfig")) {
    auto setting = parse_component_setting(text.is_string() ? text.get_string() : "");
    if (!setting.ok()) return config_error("has an extraConfig that is not like kubelet.max-pods=50");
    settings.components.push_back(*std::move(setting));
  }
  if (const Json* gates = find(json, "featureGates")) {
    auto parsed = boost::json::try_value_to<decltype(settings.feature_gates)>(*gates);
    if (!parsed) return config_error("has featureGates that are not true or false");
    settings.feature_gates = *std::move(parsed);
  }
  return settings;
}

Result<void> check_api_name(std::string_view name) {
  if (is_ip_address(name) || is_dns_name(name) || (name.starts_with("*.") && is_dns_name(name.substr(2)))) return {};
  return make_error(ErrorId::usage, "'" + std::string(name) + "' is neither a DNS name nor an address",
                    "Use names like api.lab.example or addresses like 10.1.2.3");
}

Result<void> check_dns_domain(std::string_view name) {
  if (is_dns_name(name)) return {};
  return make_error(ErrorId::usage, "'" + std::string(name) + "' is no DNS domain", "Use one like cluster.local");
}

Result<void> check_namespace(std::string_view name) {
  if (is_label(name)) return {};
  return make_error(ErrorId::usage, "'" + std::string(name) + "' is no name for a namespace",
                    "Use up to 63 lower-case letters, digits and dashes");
}

Result<void> check_feature_gate(std::string_view name) {
  if (consists_of(name, std::string(letters) + std::string(digits))) return {};
  return make_error(ErrorId::usage, "'" + std::string(name) + "' is no name of a feature gate",
                    "Use --feature-gates=NAME=true,OTHER=false");
}

}  // namespace skiff
