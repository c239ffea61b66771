// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/tunnel_plan.h"

#include <algorithm>

#include "base/strings.h"
#include "base/utc.h"
#include "net/hosts/local_names.h"

namespace skiff::cluster {
namespace {

bool is_of_class(const Json& ingress, std::string_view ingress_class) {
  const auto* annotations = find(ingress, "metadata.annotations");
  const auto* old_style = annotations != nullptr && annotations->is_object()
                              ? annotations->get_object().if_contains("kubernetes.io/ingress.class")
                              : nullptr;
  if (old_style != nullptr) return *old_style == Json(ingress_class);
  return text_at(ingress, "spec.ingressClassName", ingress_class) == ingress_class;
}

std::vector<std::string> texts_in(const JsonArray& array) {
  std::vector<std::string> texts;
  for (const auto& each : array) texts.emplace_back(each.is_string() ? each.get_string().c_str() : "");
  return texts;
}

}  // namespace

std::string shown_address(const Json& service) {
  const auto& shown = array_at(service, "status.loadBalancer.ingress");
  return shown.size() == 1 ? text_at(shown[0], "ip") : "";
}

std::optional<Ipv4> tunnel_address(const Json& service) {
  const auto address = parse_ipv4(shown_address(service));
  if (!address.ok() || text_at(array_at(service, "status.loadBalancer.ingress")[0], "ipMode") != "Proxy") {
    return std::nullopt;
  }
  if (!net::is_loopback({*address, false})) return std::nullopt;
  return *address;
}

bool is_for_tunnel(const Json& service, bool written) {
  if (text_at(service, "spec.type") != "LoadBalancer" || !text_at(service, "spec.loadBalancerClass").empty()) {
    return false;
  }
  return array_at(service, "status.loadBalancer.ingress").empty() || (written && tunnel_address(service));
}

net::LocalService to_local_service(const Json& object) {
  const Service service = read_service(object);
  net::LocalService local{to_string(service.key), {}, std::nullopt};
  for (const auto& port : service.ports) local.ports.push_back({port.protocol, port.port});
  if (const auto wanted = parse_ipv4(text_at(object, "spec.loadBalancerIP")); wanted.ok()) local.wanted = *wanted;
  return local;
}

Json status_patch(std::optional<Ipv4> address) {
  Json ingress(nullptr);
  if (address) ingress = JsonArray{JsonObject{{"ip", to_string(*address)}, {"ipMode", "Proxy"}}};
  return JsonObject{{"status", JsonObject{{"loadBalancer", JsonObject{{"ingress", ingress}}}}}};
}

Json problem_event(const Json& service, const std::string& problem, std::time_t now) {
  const ServiceKey key = key_of(service);
  const std::string time = utc_text(now);
  return JsonObject{{"apiVersion", "v1"},
                    {"kind", "Event"},
                    {"metadata", JsonObject{{"namespace", key.ns}, {"generateName", key.name + "."}}},
                    {"involvedObject", JsonObject{{"apiVersion", "v1"},
                                                  {"kind", "Service"},
                                                  {"namespace", key.ns},
                                                  {"name", key.name},
                                                  {"uid", text_at(service, "metadata.uid")}}},
                    {"type", "Warning"},
                    {"reason", "TunnelFailed"},
                    {"message", problem},
                    {"source", JsonObject{{"component", "skiff-tunnel"}}},
                    {"firstTimestamp", time},
                    {"lastTimestamp", time},
                    {"count", 1}};
}

IngressHosts hosts_of(const ClusterView::Objects& ingresses, std::string_view ingress_class,
                      const net::Address& address, std::span<const std::string> allowed) {
  std::set<net::HostsEntry> entries;
  std::set<std::string> left_out;
  for (const auto& [key, ingress] : ingresses) {
    if (!is_of_class(ingress, ingress_class)) continue;
    for (const auto& rule : array_at(ingress, "spec.rules")) {
      const std::string host = text_at(rule, "host");
      if (!net::check_host_name(host).ok()) continue;
      if (net::is_local_name(host) || net::matches_any(host, allowed)) {
        entries.insert({host, address});
      } else {
        left_out.insert(host);
      }
    }
  }
  return {{entries.begin(), entries.end()}, {left_out.begin(), left_out.end()}};
}

std::string left_out_text(const std::vector<std::string>& hosts) {
  if (hosts.empty()) return {};
  constexpr std::size_t most_named = 3;
  const std::size_t named = std::min(most_named, hosts.size());
  std::string names = join(std::span(hosts).first(named), ", ");
  if (hosts.size() > named) names += " and " + std::to_string(hosts.size() - named) + " more";
  return names + " left out of the hosts file, as that may be somebody's real name: 'skiff tunnel --allow-host " +
         hosts.front() + "' maps it";
}

JsonArray to_json(const std::vector<TunnelEntry>& entries) {
  JsonArray array;
  for (const auto& entry : entries) {
    array.push_back(JsonObject{{"name", entry.name},
                               {"address", entry.address},
                               {"ports", JsonArray(entry.ports.begin(), entry.ports.end())},
                               {"problem", entry.problem}});
  }
  return array;
}

Json to_json(const TunnelState& state) {
  JsonObject addresses;
  for (const auto& [name, address] : state.addresses) addresses[name] = to_string(address);
  return JsonObject{{"addresses", std::move(addresses)},
                    {"written", JsonArray(state.written.begin(), state.written.end())},
                    {"before", boost::json::value_from(state.before)},
                    {"hostsFile", state.hosts_file},
                    {"hostsBlock", state.hosts_block},
                    {"process", state.process},
                    {"entries", to_json(state.entries)}};
}

TunnelState read_tunnel_state(const Json& json) {
  TunnelState state;
  if (const auto* addresses = find(json, "addresses"); addresses != nullptr && addresses->is_object()) {
    for (const auto& [name, text] : addresses->get_object()) {
      const auto address = text.is_string() ? parse_ipv4(text.get_string()) : parse_ipv4("");
      if (address.ok()) state.addresses[name] = *address;
    }
  }
  for (auto& name : texts_in(array_at(json, "written"))) state.written.insert(std::move(name));
  if (const auto* before = find(json, "before")) {
    if (auto parsed = boost::json::try_value_to<decltype(state.before)>(*before)) state.before = *std::move(parsed);
  }
  state.hosts_file = text_at(json, "hostsFile");
  state.hosts_block = text_at(json, "hostsBlock");
  state.process = text_at(json, "process");
  for (const auto& entry : array_at(json, "entries")) {
    state.entries.push_back({text_at(entry, "name"), text_at(entry, "address"), texts_in(array_at(entry, "ports")),
                             text_at(entry, "problem")});
  }
  return state;
}

}  // namespace skiff::cluster
