// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/service.h"

#include <algorithm>

#include "base/go_template.h"
#include "base/strings.h"

namespace skiff::cluster {
namespace {

const kube::Resource namespaces{"v1", "namespaces", false};

constexpr std::string_view service_label = "kubernetes.io/service-name";

std::string slices_of(const ServiceKey& key) { return std::string(service_label) + "=" + key.name; }

std::string named(const ServiceKey& key) { return "service '" + key.name + "' in namespace '" + key.ns + "'"; }

Error not_found(const Context& ctx, kube::Client& client, const ServiceKey& key) {
  const auto everywhere = client.list(ctx, service_resource, "");
  if (!everywhere.ok()) return everywhere.error();
  const auto spaces = client.list(ctx, namespaces, "");
  if (!spaces.ok()) return spaces.error();
  std::vector<std::string> near_services;
  std::vector<std::string> near_spaces;
  std::string advice;
  for (const auto& object : *everywhere) {
    const ServiceKey other = key_of(object);
    if (other.ns == key.ns) near_services.push_back(other.name);
    if (other.name == key.name) advice = "There is one in namespace '" + other.ns + "': add -n " + other.ns;
  }
  for (const auto& object : *spaces) near_spaces.push_back(text_at(object, "metadata.name"));

  const bool has_space = std::ranges::find(near_spaces, key.ns) != near_spaces.end();
  const std::string near = has_space ? nearest(key.name, near_services) : nearest(key.ns, near_spaces);
  if (advice.empty() && !near.empty()) advice = "Did you mean '" + near + "'?";
  return make_error(ErrorId::service_not_found,
                    has_space ? "There is no " + named(key) : "There is no namespace '" + key.ns + "'", advice);
}

Error without_endpoints(ErrorId id, const ServiceKey& key) {
  return make_error(id, "No pod behind the " + named(key) + " is ready",
                    "Look at its pods with 'skiff kubectl -- get pods -n " + key.ns + "', or add --wait 60s");
}

}  // namespace

std::string to_string(const ServiceKey& key) { return key.ns + "/" + key.name; }

ServiceKey key_of(const Json& object) {
  return {text_at(object, "metadata.namespace"), text_at(object, "metadata.name")};
}

namespace {

bool speaks_https(const std::string& name, long long port, const std::string& app_protocol) {
  if (!app_protocol.empty()) return to_lower(app_protocol) == "https";
  constexpr long long well_known = 443;
  return name == "https" || name.starts_with("https-") || (port == well_known && !name.starts_with("http"));
}

}  // namespace

Service read_service(const Json& object) {
  Service service{key_of(object), text_at(object, "spec.type", "ClusterIP"), std::nullopt, {}};
  service.external_local = text_at(object, "spec.externalTrafficPolicy") == "Local";
  service.internal_local = text_at(object, "spec.internalTrafficPolicy") == "Local";
  std::vector<std::string> addresses = {text_at(object, "spec.clusterIP")};
  for (const auto& each : array_at(object, "spec.clusterIPs")) addresses.push_back(scalar_text(each).value_or(""));
  for (const auto& text : addresses) {
    if (const auto address = parse_ipv4(text); address.ok()) service.address = *address;
    if (text.find(':') != std::string::npos) service.address6 = text;
  }
  for (const auto& port : array_at(object, "spec.ports")) {
    const auto protocol = net::parse_protocol(text_at(port, "protocol", "TCP"));
    if (!protocol.ok()) continue;
    const std::string name = text_at(port, "name");
    const long long number = int_at(port, "port");
    service.ports.push_back(
        {name, *protocol, static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(int_at(port, "nodePort")),
         *protocol == net::Protocol::tcp && speaks_https(name, number, text_at(port, "appProtocol"))});
  }
  return service;
}

Slice read_slice(const Json& object) {
  const auto* labels = find(object, "metadata.labels");
  const auto* name =
      labels != nullptr && labels->is_object() ? labels->get_object().if_contains(service_label) : nullptr;
  Slice slice{{text_at(object, "metadata.namespace"), name != nullptr ? text_at(*name, "") : ""}, {}};
  for (const auto& endpoint : array_at(object, "endpoints")) {
    // Absent means ready, says the API. One that is ending serves as long as there is no other.
    if (bool_at(endpoint, "conditions.ready", true) || bool_at(endpoint, "conditions.serving")) {
      slice.nodes.push_back(text_at(endpoint, "nodeName"));
    }
  }
  return slice;
}

Result<void> check_forwardable(const Service& service) {
  const std::string name = "The " + named(service.key);
  if (service.type == "ExternalName") {
    return make_error(ErrorId::service_error, name + " is only a name for another host (ExternalName)",
                      "Connect to that host directly");
  }
  if (service.ports.empty()) return make_error(ErrorId::service_error, name + " has no ports");
  if (!service.address && service.address6.empty()) {
    return make_error(ErrorId::service_error, name + " is headless: it has no address of its own",
                      "Give it a cluster address, or forward to a pod with 'skiff kubectl -- port-forward'");
  }
  return {};
}

Result<std::string> local_url(std::string_view format, Ipv4 address, std::uint16_t local_port,
                              const std::string& port_name) {
  auto url = fill_template(format, {{"IP", to_string(address)}, {"Port", local_port}, {"Name", port_name}});
  if (!url.ok() || url->empty() || url->find("}}") != std::string::npos) {
    return make_error(ErrorId::usage, "--format '" + std::string(format) + "' is not a template for URLs",
                      "It may use {{.IP}}, {{.Port}} and {{.Name}}, as in '" + std::string(default_url_format) + "'");
  }
  return url;
}

bool has_ready_endpoint(const kube::Client::Objects& slices) {
  return std::ranges::any_of(slices, [](const auto& slice) {
    return std::ranges::any_of(array_at(slice.second, "endpoints"), [](const Json& endpoint) {
      return bool_at(endpoint, "conditions.ready", true);  // absent means ready, says the API
    });
  });
}

Result<Service> find_service(const Context& ctx, kube::Client& client, const ServiceKey& key) {
  const auto object = client.get(ctx, kube::path_of(service_resource, key.ns, key.name));
  if (object.ok()) return read_service(*object);
  if (object.error().id != ErrorId::kube_not_found) return object.error();
  return not_found(ctx, client, key);
}

Result<Service> find_ready_service(const Context& ctx, kube::Client& client, const ServiceKey& key, Duration wait) {
  const bool waits = wait > Duration::zero();
  const Context limited = waits ? ctx.within(wait) : ctx;
  if (waits) {
    const auto exists = client.wait(
        limited, service_resource, key.ns, "",
        [&](const kube::Client::Objects& seen) { return seen.contains(to_string(key)); }, "the " + named(key));
    if (!exists.ok() && exists.error().id != ErrorId::kube_timeout) return exists.error();
    if (!exists.ok()) return make_error(ErrorId::service_timeout, "There is still no " + named(key));
  }
  const Service service = TRY(find_service(ctx, client, key));
  TRY(check_forwardable(service));
  if (waits) {
    const auto ready = client.wait(limited, slice_resource, key.ns, slices_of(key), has_ready_endpoint, named(key));
    if (ready.ok()) return service;
    if (ready.error().id != ErrorId::kube_timeout) return ready.error();
    return without_endpoints(ErrorId::service_timeout, key);
  }
  kube::Client::Objects slices;
  for (const auto& slice : TRY(client.list(ctx, slice_resource, key.ns, slices_of(key)))) {
    slices[to_string(key_of(slice))] = slice;
  }
  if (!has_ready_endpoint(slices)) return without_endpoints(ErrorId::service_unreachable, key);
  return service;
}

}  // namespace skiff::cluster
