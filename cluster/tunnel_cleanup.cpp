#include "cluster/tunnel_cleanup.h"

#include "cluster/tunnel.h"
#include "net/hosts_file.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

ServiceKey key_of_name(const std::string& name) {
  const auto slash = name.find('/');
  return {name.substr(0, slash), name.substr(slash + 1)};
}

// Puts back what the service's status was; none as a rule.
Result<void> hide(const Context& ctx, kube::Client& client, const ServiceKey& key, std::optional<Ipv4> before = {}) {
  const auto object = client.get(ctx, kube::path_of(service_resource, key.ns, key.name));
  if (!object.ok()) return object.error().id == ErrorId::kube_not_found ? Result<void>() : object.error();
  if (!tunnel_address(*object)) return {};  // somebody else's, or none
  const auto patched = client.merge_patch(ctx, status_path(key), status_patch(before));
  if (!patched.ok() && patched.error().id != ErrorId::kube_not_found) return patched.error();
  return {};
}

}  // namespace

std::string tunnel_folder(const Services& services, const std::string& profile) {
  return services.store.folder(profile) + "/state";
}

std::string tunnel_file(const std::string& folder) { return folder + "/tunnel.json"; }

std::string status_path(const ServiceKey& service) {
  return kube::path_of(service_resource, service.ns, service.name) + "/status";
}

TunnelState load_tunnel_state(const std::string& folder) {
  const auto text = sys::read_file(tunnel_file(folder));
  const auto json = text.ok() ? parse_json(*text) : Result<Json>(Json());
  return json.ok() ? read_tunnel_state(*json) : TunnelState();
}

Result<sys::Lock> lock_tunnel(const Context& ctx, const Services& services, const std::string& profile) {
  auto lock = sys::Lock::acquire(ctx.within(Duration::zero()), tunnel_folder(services, profile) + "/tunnel.lock", {});
  if (lock.ok() || lock.error().id != ErrorId::profile_busy) return lock;
  return make_error(ErrorId::tunnel_conflict, "The profile '" + profile + "' has a tunnel already");
}

Result<void> take_back(const Context& ctx, const Services& services, const std::string& profile) {
  const std::string folder = tunnel_folder(services, profile);
  if (!sys::exists(tunnel_file(folder))) return {};
  TunnelState state = load_tunnel_state(folder);
  Result<void> outcome;
  if (!state.hosts_file.empty() && net::has_hosts_block(state.hosts_file, profile)) {
    outcome = net::clear_hosts_file(ctx, state.hosts_file, profile);
  }
  if (outcome.ok()) state.hosts_file.clear();
  if (!state.written.empty() || !state.ingress_address.empty()) {
    const auto opened = TRY(open_profile(services, profile));
    kube::Client client(TRY(api_access(ctx, services, opened)));
    if (const auto before = parse_ipv4(state.ingress_address); before.ok()) {
      outcome = hide(ctx, client, ingress_controller, *before);
    }
    if (outcome.ok()) state.ingress_address.clear();
    for (auto name = state.written.begin(); name != state.written.end();) {
      if (auto hidden = hide(ctx, client, key_of_name(*name)); hidden.ok()) {
        name = state.written.erase(name);
      } else {
        outcome = std::move(hidden);
        break;
      }
    }
  }
  state.process.clear();
  state.entries.clear();
  TRY(sys::write_atomic(tunnel_file(folder), to_pretty_text(to_json(state))));
  return outcome;
}

TunnelStatus tunnel_status(const Services& services, const std::string& profile) {
  const TunnelState state = load_tunnel_state(tunnel_folder(services, profile));
  const auto process = net::parse_identity(state.process);
  if (!process || !net::is_alive(*process)) return {};
  return {process, state.entries};
}

Result<void> clean_after_tunnel(const Context& ctx, const Services& services, const std::string& profile) {
  const TunnelState state = load_tunnel_state(tunnel_folder(services, profile));
  if (state.written.empty() && state.hosts_file.empty() && state.ingress_address.empty()) return {};
  const auto lock = lock_tunnel(ctx, services, profile);
  if (!lock.ok()) return lock.error().id == ErrorId::tunnel_conflict ? Result<void>() : lock.error();
  return take_back(ctx.within(std::chrono::seconds(10)), services, profile);
}

}  // namespace skiff::cluster
