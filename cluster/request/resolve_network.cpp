// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve_network.h"

#include <algorithm>

namespace skiff::cluster {
namespace {

// What is sent to such a range must stay on this machine.
Result<void> check_private(const std::string& flag, const Cidr& wanted) {
  const auto has_all = [&](const Cidr& range) { return range.contains(wanted.base) && range.bits <= wanted.bits; };
  constexpr Cidr shared{{0x64400000}, 10};  // RFC 6598
  if (std::ranges::any_of(private_ranges, has_all) || has_all(shared)) return {};
  return make_error(ErrorId::usage, flag + " " + to_string(wanted) + " has addresses of the internet",
                    "Use a private range, such as 10.96.0.0/16");
}

Result<void> resolve_pods(ClusterSpec& spec, const std::string& text, bool saved) {
  const std::string flag = "--pod-cidr";
  const std::optional<Cidr> wanted = TRY(parse_cidr(text));
  constexpr int bits = 16;  // a /24 for each of the nodes that there may be
  if (wanted->bits != bits) {
    return make_error(ErrorId::usage, flag + " must be a /16, such as 10.245.0.0/16, not " + text);
  }
  TRY(check_private(flag, *wanted));
  return keep(spec.pod_range, wanted, saved, flag);
}

Result<void> resolve_services(ClusterSpec& spec, const std::string& text, bool saved) {
  const std::string flag = "--service-cluster-ip-range";
  const std::optional<Cidr> wanted = TRY(parse_cidr(text));
  // The API server takes no more than 2^20 addresses, and cluster DNS has the tenth.
  constexpr int widest = 12;
  constexpr int narrowest = 28;
  if (wanted->bits < widest || wanted->bits > narrowest) {
    return make_error(ErrorId::usage, flag + " must be a /12 to a /28, such as 10.96.0.0/16, not " + text);
  }
  TRY(check_private(flag, *wanted));
  return keep(spec.service_range, wanted, saved, flag);
}

Result<void> resolve_network_name(ClusterSpec& spec, const std::string& name, bool saved) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  if (name.find_first_not_of(allowed) != std::string::npos || name.starts_with('-')) {
    return make_error(ErrorId::usage, "'" + name + "' is no name of a network");
  }
  for (const std::string_view special : {"host", "none"}) {
    if (name != special) continue;
    return make_error(ErrorId::unsupported, "Nodes need a network of their own, and '" + name + "' is none",
                      "Leave --network out, or name one that 'docker network create' made");
  }
  return keep(spec.network_name, std::optional(name), saved, "--network");
}

Result<void> resolve_ports(ClusterSpec& spec, const StartRequest& request, bool saved) {
  const std::string address = request.listen_address.value_or("127.0.0.1");
  if (!is_ip_address(address)) {
    return make_error(ErrorId::usage, "--listen-address must be an address, not '" + address + "'");
  }
  std::vector<PublishedPort> ports;
  for (const auto& text : *request.ports) {
    const auto parsed = TRY(parse_published_ports(text, address));
    ports.insert(ports.end(), parsed.begin(), parsed.end());
  }
  std::ranges::sort(ports);
  const auto same = [](const PublishedPort& a, const PublishedPort& b) {
    return a.address == b.address && a.host_port == b.host_port && a.protocol == b.protocol;
  };
  if (const auto twice = std::ranges::adjacent_find(ports, same); twice != ports.end()) {
    return make_error(ErrorId::usage, "--ports has " + to_string(*twice) + " twice");
  }
  return keep(spec.ports, std::optional(std::move(ports)), saved, "--ports");
}

Result<void> replace(std::vector<std::string>& kept, const KubernetesRequest::List& wanted,
                     Result<std::string> (*parse)(std::string_view)) {
  if (!wanted) return {};
  kept.clear();
  for (const auto& text : *wanted) {
    auto registry = TRY(parse(text));
    if (std::ranges::find(kept, registry) == kept.end()) kept.push_back(std::move(registry));
  }
  return {};
}

Result<void> resolve_family(ClusterSpec& spec, const std::string& family, bool saved) {
  if (family == "ipv6") {
    return make_error(ErrorId::unsupported,
                      "There are no clusters of IPv6 alone: skiff and the nodes reach each other by IPv4",
                      "Use --ip-family dual: pods and services have IPv6 as well, and a service may have it alone");
  }
  if (family != "ipv4" && family != "dual") {
    return make_error(ErrorId::usage, "--ip-family must be ipv4 or dual, not '" + family + "'");
  }
  return keep(spec.dual_stack, std::optional(family == "dual"), saved, "--ip-family");
}

Result<void> resolve_proxies(Proxies& kept, const StartRequest& request) {
  for (const auto& [wanted, proxy] :
       {std::pair{&request.http_proxy, &Proxies::http}, {&request.https_proxy, &Proxies::https}}) {
    if (!*wanted) continue;
    if (*wanted == word_of_environment) {
      kept = Proxies();
      continue;
    }
    if (!kept.said) kept = Proxies();
    kept.said = true;
    (kept.*proxy).clear();
    if (*wanted == word_none) continue;
    kept.*proxy = TRY(parse_proxy(**wanted));
    if (is_loopback_host(parts_of_proxy(kept.*proxy).host)) {
      return make_error(
          ErrorId::usage,
          "Nodes cannot reach a proxy at " + without_password(kept.*proxy) + ": there they find themselves",
          "Have it listen on an address of this host too, such as that of docker0, and give that");
    }
  }
  if (!kept.said && request.environment) kept = *request.environment;
  if (!request.no_proxy) return {};
  kept.past = TRY(parse_past_proxies(*request.no_proxy));
  kept.said = true;
  return {};
}

}  // namespace

Result<void> resolve_network(ClusterSpec& spec, const StartRequest& request, bool saved, Refusals& refusals) {
  if (request.pod_range) TRY(refusals.hold(resolve_pods(spec, *request.pod_range, saved)));
  if (request.service_range) TRY(refusals.hold(resolve_services(spec, *request.service_range, saved)));
  if (spec.service_range.overlaps(spec.pod_range)) {
    return make_error(
        ErrorId::usage,
        "The range of services " + to_string(spec.service_range) + " overlaps the pods' " + to_string(spec.pod_range),
        "Choose others with --service-cluster-ip-range and --pod-cidr");
  }
  if (request.ip_family) TRY(refusals.hold(resolve_family(spec, *request.ip_family, saved)));
  if (request.network) TRY(refusals.hold(resolve_network_name(spec, *request.network, saved)));
  if (request.ports) TRY(refusals.hold(resolve_ports(spec, request, saved)));
  TRY(replace(spec.registries.insecure, request.insecure_registries, parse_insecure_registry));
  TRY(replace(spec.registries.mirrors, request.registry_mirrors, parse_registry_mirror));
  TRY(resolve_proxies(spec.proxies, request));
  if (request.ca_file) spec.authorities = request.authorities;
  if (request.registry_config)
    spec.registry_config = *request.registry_config == word_none ? "" : *request.registry_config;
  return {};
}

}  // namespace skiff::cluster
