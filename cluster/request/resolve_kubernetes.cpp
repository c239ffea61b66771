// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve_kubernetes.h"

#include <algorithm>
#include <array>

namespace skiff::cluster {
namespace {

// On every node's address something else listens there: skiff itself in a machine, etcd, kubelet, the other
// components, or a node port.
Result<std::uint16_t> usable_port(int port) {
  constexpr std::array taken = {2380, 6442, 10248, 10249, 10250, 10256, 10257, 10259};
  constexpr int first_node_port = 30000;
  constexpr int last_node_port = 32767;
  const bool node_port = port >= first_node_port && port <= last_node_port;
  if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) {
    return make_error(ErrorId::usage, "--apiserver-port must be 1 to 65535, not " + std::to_string(port));
  }
  if (node_port || std::ranges::find(taken, port) != taken.end()) {
    return make_error(ErrorId::usage, "--apiserver-port " + std::to_string(port) + " is in use in every node",
                      "Use another one, such as 8443");
  }
  return static_cast<std::uint16_t>(port);
}

// Names and addresses are one list in a certificate, and two flags.
Result<void> replace_api_names(std::vector<std::string>& all, const KubernetesRequest::List& wanted, bool addresses) {
  if (!wanted) return {};
  std::erase_if(all, [&](const std::string& name) { return is_ip_address(name) == addresses; });
  for (const auto& name : *wanted) {
    TRY(check_api_name(name));
    if (is_ip_address(name) != addresses) {
      return make_error(ErrorId::usage, "'" + name + "' is " + (addresses ? "no" : "an") + " address",
                        addresses ? "Names go to --apiserver-names" : "Addresses go to --apiserver-ips");
    }
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  std::ranges::sort(all);
  return {};
}

Result<std::pair<std::string, bool>> parse_gate(const std::string& text) {
  const auto equals = std::min(text.find('='), text.size());
  const std::string name = text.substr(0, equals);
  const std::string on = text.substr(std::min(equals + 1, text.size()));
  TRY(check_feature_gate(name));
  if (on != "true" && on != "false") {
    return make_error(ErrorId::usage, "A feature gate is true or false, not '" + text + "'",
                      "Use --feature-gates=" + name + "=true");
  }
  return std::pair(name, on == "true");
}

}  // namespace

Result<void> resolve_kubernetes(KubernetesSettings& settings, const KubernetesRequest& request, bool saved,
                                Refusals& refusals) {
  if (request.api_port) {
    const std::optional port = TRY(usable_port(*request.api_port));
    TRY(refusals.hold(keep(settings.api_port, port, saved, "--apiserver-port")));
  }
  if (request.dns_domain) {
    TRY(check_dns_domain(*request.dns_domain));
    TRY(refusals.hold(keep(settings.dns_domain, request.dns_domain, saved, "--dns-domain")));
  }
  if (request.api_name) {
    if (!request.api_name->empty()) TRY(check_api_name(*request.api_name));
    settings.api_name = *request.api_name;
  }
  TRY(replace_api_names(settings.api_names, request.api_names, /*addresses=*/false));
  TRY(replace_api_names(settings.api_names, request.api_addresses, /*addresses=*/true));
  if (request.certificate_lifetime) {
    if (*request.certificate_lifetime < std::chrono::minutes(1)) {
      return make_error(ErrorId::usage, "--cert-expiration must be at least a minute: a start alone takes seconds");
    }
    settings.certificate_seconds = request.certificate_lifetime->count();
  }
  if (request.context_namespace) {
    if (!request.context_namespace->empty()) TRY(check_namespace(*request.context_namespace));
    settings.context_namespace = *request.context_namespace;
  }
  if (request.components) {
    settings.components.clear();
    for (const auto& text : *request.components) {
      const auto setting = TRY(parse_component_setting(text));
      std::erase_if(settings.components, [&](const ComponentSetting& earlier) {
        return earlier.component == setting.component && earlier.key == setting.key;
      });
      settings.components.push_back(setting);
    }
  }
  if (request.feature_gates) {
    settings.feature_gates.clear();
    for (const auto& text : *request.feature_gates) {
      const auto [name, on] = TRY(parse_gate(text));
      settings.feature_gates[name] = on;
    }
  }
  return {};
}

}  // namespace skiff::cluster
