// SPDX-License-Identifier: Apache-2.0
#include "cluster/host_ports.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/reach/agent.h"
#include "net/listen.h"
#include "net/local_address.h"

namespace skiff::cluster {

namespace {

constexpr int candidates = 100;  // ports that are looked at

std::uint16_t local_port(const addons::Addon& addon, const addons::Settings& settings) {
  if (!addon.host_port) return 0;
  const auto& host_port = *addon.host_port;
  const auto value = std::ranges::find(addon.values, host_port.value, &addons::Value::name);
  if (value == addon.values.end()) return host_port.port;
  const auto set = settings.find(value->name);
  const auto text = set == settings.end() ? to_text(value->fallback) : set->second;
  const auto wanted = parse_int(text, "'" + value->name + "'");
  return wanted.ok() && *wanted > 0 && *wanted <= 65535 ? static_cast<std::uint16_t>(*wanted) : host_port.port;
}

bool is_taken(std::uint16_t port) {
  const auto points = net::listen_points(net::localhost, {net::Protocol::tcp, port});
  return std::ranges::any_of(points, net::is_taken);
}

// The service's one port on that of this host.
Result<std::vector<PortForward>> forward_to(const Service& service, std::uint16_t port, std::uint16_t local) {
  auto forwards = TRY(forwards_of(service, port));
  for (auto& forward : forwards) forward.local_port = local;
  return forwards;
}

}  // namespace

addons::Settings with_host_port(addons::Settings settings, const addons::Addon& addon) {
  if (!addon.host_port || addon.host_port->value.empty() || settings.contains(addon.host_port->value)) return settings;
  const int first = local_port(addon, settings);
  for (int port = first; port < first + candidates && port <= 65535; ++port) {
    if (is_taken(static_cast<std::uint16_t>(port))) continue;
    if (port != first) settings[addon.host_port->value] = std::to_string(port);
    break;
  }
  return settings;
}

bool moves_host_port(const addons::Addon& addon, const addons::Settings& before, const addons::Settings& after) {
  return addon.host_port && local_port(addon, before) != local_port(addon, after);
}

void hold_host_port(const Context& ctx, const Home& home, LiveCluster& cluster, const addons::Addon& addon,
                    const addons::Settings& settings) {
  if (!addon.host_port) return;
  const std::string& profile = cluster.spec.profile;
  const ServiceKey key{addon.host_port->ns, addon.host_port->service};
  const auto local = local_port(addon, settings);
  const auto hold = [&]() -> Result<void> {
    const auto held = TRY(held_forwards(ctx, home, profile));
    if (std::ranges::find(held, key, &PortForward::service) != held.end()) return {};
    const auto service = TRY(find_ready_service(ctx, cluster.client, key, std::chrono::seconds(10)));
    TRY(hold_forwards(ctx, home, profile, TRY(forward_to(service, addon.host_port->port, local))));
    return {};
  };
  if (const auto done = hold(); !done.ok() && done.error().id != ErrorId::interrupted) {
    const std::string port = std::to_string(local);
    ctx.events->warning("localhost:" + port + " does not lead to the addon '" + addon.name + "': " + done.error().what +
                        ". Once the port is free: skiff start -p " + profile);
  }
}

void release_host_port(const Context& ctx, const Home& home, const std::string& profile, const addons::Addon& addon) {
  if (!addon.host_port) return;
  const auto released = release_forwards(ctx, home, profile, {{addon.host_port->ns, addon.host_port->service}});
  if (!released.ok()) ctx.events->warning("A forward is left: " + released.error().what);
}

}  // namespace skiff::cluster
