// SPDX-License-Identifier: Apache-2.0
// What a tunnel is to do, from what the cluster's objects say. Pure.
#pragma once

#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cluster/reach/cluster_view.h"
#include "net/hosts/hosts_text.h"
#include "net/local_address.h"

namespace skiff::cluster {

// The one address that the service's status has, when it is such as a tunnel writes: in 127.0.0.0/8, of mode Proxy.
std::optional<Ipv4> tunnel_address(const Json& service);

// The one address that the service's status has, whoever wrote it; empty when it has none or several.
std::string shown_address(const Json& service);

// Whether the tunnel serves it: a LoadBalancer service of no other class, whose status nobody else has written.
// `written`: a tunnel of this profile has once written there.
bool is_for_tunnel(const Json& service, bool written);

// Its ports, and the address that it asks for by spec.loadBalancerIP.
net::LocalService to_local_service(const Json& service);

// The merge patch of a status: this address, or none.
Json status_patch(std::optional<Ipv4> address);

// The Event that tells a service's owner why it has no address.
Json problem_event(const Json& service, const std::string& problem, std::time_t now);

// The hosts of the rules of every Ingress of that class or of none, each once, without wildcards.
struct IngressHosts {
  std::vector<net::HostsEntry> mapped;
  // Names that may be somebody's on the Internet and that match no pattern: whoever writes an Ingress must not be able
  // to lead this host's browsers, package managers and so on to a pod without its user's word.
  std::vector<std::string> left_out;
};
IngressHosts hosts_of(const ClusterView::Objects& ingresses, std::string_view ingress_class,
                      const net::Address& address, std::span<const std::string> allowed);
// For people: what was left out, and the flag that maps it; empty when nothing was.
std::string left_out_text(const std::vector<std::string>& hosts);

// What a tunnel remembers on disk, for the next one and for whoever cleans up after a killed one.
struct TunnelEntry {
  std::string name;  // "default/web", or an addon's, such as "ingress"
  std::string address;
  std::vector<std::string> ports;  // "9000/tcp"
  std::string problem;             // why it has no address or hosts; empty when all is well
  auto operator<=>(const TunnelEntry&) const = default;
};
struct TunnelState {
  net::LocalAddresses addresses;  // also of earlier runs: each service gets the same one again
  std::set<std::string> written;  // services whose status may hold our address
  // Services of addons (TunnelDoor) that may show our address -> the one that they showed before.
  std::map<std::string, std::string> before;
  std::string hosts_file;   // may hold our block,
  std::string hosts_block;  // which is called so; empty, in an old file: the profile's name
  std::string process;      // net::to_text() of whose tunnel it is
  std::vector<TunnelEntry> entries;
};
Json to_json(const TunnelState& state);
JsonArray to_json(const std::vector<TunnelEntry>& entries);
TunnelState read_tunnel_state(const Json& json);

}  // namespace skiff::cluster
