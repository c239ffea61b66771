// SPDX-License-Identifier: Apache-2.0
// Kubernetes services as the commands for people see them, and their ports. Pure, but for the calls with a context.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "net/address.h"

namespace skiff::cluster {

inline const kube::Resource service_resource{"v1", "services", true};
inline const kube::Resource slice_resource{"discovery.k8s.io/v1", "endpointslices", true};

struct ServiceKey {
  std::string ns;
  std::string name;
  auto operator<=>(const ServiceKey&) const = default;
};
std::string to_string(const ServiceKey& key);  // "default/web"
ServiceKey key_of(const Json& object);

struct ServicePort {
  std::string name;  // often empty
  net::Protocol protocol = net::Protocol::tcp;
  std::uint16_t port = 0;
  std::uint16_t node_port = 0;  // 0 = none
  bool https = false;           // by its name (https, https-web), its number (443) or its appProtocol
  auto operator<=>(const ServicePort&) const = default;
};

struct Service {
  ServiceKey key;
  std::string type;             // "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"
  std::optional<Ipv4> address;  // its cluster address; nothing when it is headless, or has IPv6 alone
  std::vector<ServicePort> ports;
  bool external_local = false;  // its node ports lead only to endpoints on the same node (externalTrafficPolicy)
  bool internal_local = false;  // and so does its cluster address (internalTrafficPolicy)
  std::string address6 = {};    // its cluster address of IPv6; empty when it has none
  bool operator==(const Service&) const = default;
};
// Ports of a protocol that is neither TCP nor UDP are left out.
Service read_service(const Json& object);

// An EndpointSlice: the nodes of its endpoints that take connections, "" for one that is on no node.
struct Slice {
  ServiceKey service;
  std::vector<std::string> nodes;
  bool operator==(const Slice&) const = default;
};
Slice read_slice(const Json& object);

// service_error, saying why, when no connection can be passed on to the service: an ExternalName, a service without
// ports, a headless one.
Result<void> check_forwardable(const Service& service);

// The URL of a local port: `format` with {{.IP}}, {{.Port}} and {{.Name}} filled in. usage for any other placeholder.
inline constexpr std::string_view default_url_format = "http://{{.IP}}:{{.Port}}";
Result<std::string> local_url(std::string_view format, Ipv4 address, std::uint16_t local_port,
                              const std::string& port_name);

// Whether any endpoint of these EndpointSlices is ready.
bool has_ready_endpoint(const kube::Client::Objects& slices);

// service_not_found, with the nearest name or the namespace that has one of that name.
Result<Service> find_service(const Context& ctx, kube::Client& client, const ServiceKey& key);

// The service once it exists and has a ready endpoint. With a zero `wait`: service_not_found or service_unreachable
// when that is not so now; else service_timeout when it does not come true in that time.
Result<Service> find_ready_service(const Context& ctx, kube::Client& client, const ServiceKey& key, Duration wait);

}  // namespace skiff::cluster
