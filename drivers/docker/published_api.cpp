// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/published_api.h"

#include <sys/utsname.h>

#include <set>

#include "drivers/common/publish.h"
#include "drivers/docker/phrases.h"
#include "drivers/docker/resources.h"
#include "sys/net/host_net.h"

namespace skiff::drivers::docker {

// Docker Desktop has a kernel of its own, a rootless engine keeps its bridges in a network namespace, and a client
// inside a container sees the socket but not the bridges. GET /info would tell more, but takes tens of milliseconds.
Result<bool> shares_our_network(const Context& ctx, Engine& engine) {
  if (!engine.behind_socket()) return false;
  utsname kernel{};
  uname(&kernel);
  if (text_at(TRY(engine.version(ctx)), "KernelVersion") != kernel.release) return false;
  const auto bridge = TRY(engine.find(ctx, "/networks/bridge"));
  if (!bridge) return false;
  const std::string gateway = text_at(*bridge, "IPAM.Config.0.Gateway");
  if (!gateway.empty()) return sys::is_own_address(gateway);
  // Engine 20.10 does not tell the gateway that it chose itself: the first address.
  const auto subnet = parse_cidr(text_at(*bridge, "IPAM.Config.0.Subnet"));
  return subnet.ok() && sys::is_own_address(to_string(subnet->host(1)));
}

Result<std::vector<std::uint16_t>> api_ports(const Context& ctx, Engine& engine, Role role) {
  if (role != Role::control_plane || TRY(shares_our_network(ctx, engine))) return std::vector<std::uint16_t>{0};
  const std::string name(label::api_port);
  const Json containers = TRY(engine.get(ctx, "/containers/json" + label_filter({name}) + "&all=1"));
  std::set<std::uint16_t> taken;
  for (const auto& container : array_at(containers, "")) taken.insert(port_in(labels_in(container, "Labels"), name));
  return ports_to_try(taken);
}

Result<void> publish_api(const Context& ctx, JsonObject& description, Engine& engine, std::uint16_t port,
                         std::uint16_t listens) {
  if (port == 0) return {};
  publish(description, {{TRY(engine.bound_address(ctx)), port, listens}});
  if (auto* labels = description["Labels"].if_object()) (*labels)[label::api_port] = std::to_string(port);
  return {};
}

void publish(JsonObject& description, const std::vector<PublishedPort>& ports) {
  const auto member = [](JsonObject& object, std::string_view key) -> JsonObject& {
    Json& value = object[key];
    return value.is_object() ? value.get_object() : value.emplace_object();
  };
  for (const auto& port : ports) {
    const std::string target = std::to_string(port.node_port) + "/" + port.protocol;
    member(description, "ExposedPorts")[target] = JsonObject{};
    Json& bindings = member(member(description, "HostConfig"), "PortBindings")[target];
    if (!bindings.is_array()) bindings.emplace_array();
    bindings.get_array().push_back(JsonObject{{"HostIp", port.address}, {"HostPort", std::to_string(port.host_port)}});
  }
}

void locate_api(ObservedNode& node, const Labels& labels, const Engine& engine) {
  if (const auto port = port_in(labels, label::api_port); port != 0) {
    node.api = host_and_port(engine.host(), port);
  } else if (!engine.behind_socket()) {
    node.api.clear();  // an address of another machine's network
  }
}

Error explain_start(Error error) {
  if (error.id == ErrorId::docker_error && says(error.what, Phrase::port_taken)) error.id = ErrorId::port_in_use;
  if (error.id != ErrorId::docker_error || !says(error.what, Phrase::address_absent)) return error;
  error.id = ErrorId::unsupported;
  error.advice =
      "Name an address of its host's own in DOCKER_HOST, or forward its socket with 'ssh -L'. A container made for "
      "another address is to be removed with 'docker rm'; the next start makes it anew, around its data";
  return error;
}

}  // namespace skiff::drivers::docker
