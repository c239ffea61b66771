#include "cluster/host_ports.h"

#include <algorithm>

#include "cluster/reach/agent.h"

namespace skiff::cluster {

void hold_host_port(const Context& ctx, const Home& home, LiveCluster& cluster, const addons::Addon& addon) {
  if (!addon.host_port) return;
  const std::string& profile = cluster.spec.profile;
  const auto& [ns, name, port] = *addon.host_port;
  const ServiceKey key{ns, name};
  const auto hold = [&]() -> Result<void> {
    const auto held = TRY(held_forwards(ctx, home, profile));
    if (std::ranges::find(held, key, &PortForward::service) != held.end()) return {};
    const auto service = TRY(find_ready_service(ctx, cluster.client, key, std::chrono::seconds(10)));
    TRY(hold_forwards(ctx, home, profile, TRY(forwards_of(service, port))));
    return {};
  };
  if (const auto done = hold(); !done.ok() && done.error().id != ErrorId::interrupted) {
    ctx.events->warning("localhost:" + std::to_string(port) + " does not lead to the addon '" + addon.name +
                        "': " + done.error().what + ". Once the port is free: skiff -p " + profile + " service " +
                        name + " -n " + ns + " --local-port " + std::to_string(port));
  }
}

void release_host_port(const Context& ctx, const Home& home, const std::string& profile, const addons::Addon& addon) {
  if (!addon.host_port) return;
  const auto released = release_forwards(ctx, home, profile, {{addon.host_port->ns, addon.host_port->service}});
  if (!released.ok()) ctx.events->warning("A forward is left: " + released.error().what);
}

}  // namespace skiff::cluster
