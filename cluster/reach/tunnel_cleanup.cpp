// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/tunnel_cleanup.h"

#include <algorithm>

#include "addons/catalogue.h"
#include "net/helper/privileged_helper.h"
#include "net/hosts/hosts_file.h"
#include "sys/env.h"
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

// What is done is taken out of the state, also when the rest fails.
Result<void> hide_all(const Context& ctx, kube::Client& client, TunnelState& state) {
  while (!state.before.empty()) {
    const auto& [name, address] = *state.before.begin();
    if (const auto before = parse_ipv4(address); before.ok()) TRY(hide(ctx, client, key_of_name(name), *before));
    state.before.erase(state.before.begin());
  }
  while (!state.written.empty()) {
    TRY(hide(ctx, client, key_of_name(*state.written.begin())));
    state.written.erase(state.written.begin());
  }
  return {};
}

// Only where a node runs can there be an API to take them back from.
Result<void> take_back_statuses_if_it_runs(const Context& ctx, const Home& home, const std::string& profile) {
  auto opened = open_profile(home, profile);
  const auto nodes = opened.ok() ? opened->nodes(ctx) : opened.error();
  const auto runs = [](const auto& node) { return node.state == drivers::NodeState::running; };
  if (!nodes.ok() || std::ranges::none_of(*nodes, runs)) return {};
  auto access = TRY(api_access(home, opened->spec, *nodes));
  LiveCluster cluster(*std::move(opened), std::move(access));
  return take_back_statuses(ctx, home, cluster);
}

}  // namespace

std::vector<addons::TunnelDoor> tunnel_doors(const Home& home) {
  std::vector<addons::TunnelDoor> doors;
  const auto own = addons::read_folders(addon_folder(home));
  for (const auto& [name, addon] : addons::make_catalogue(own.ok() ? *own : std::vector<addons::Folder>())) {
    if (!addon.ok() || !addon->tunnel) continue;
    const auto same = [&](const auto& door) { return key_of(door) == key_of(*addon->tunnel); };
    if (std::ranges::none_of(doors, same)) doors.push_back(*addon->tunnel);
  }
  return doors;
}

std::string tunnel_folder(const Home& home, const std::string& profile) {
  return home.store.folder(profile) + "/state";
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

Result<sys::Lock> lock_tunnel(const Context& ctx, const Home& home, const std::string& profile) {
  auto lock = sys::Lock::acquire(ctx.within(Duration::zero()), tunnel_folder(home, profile) + "/tunnel.lock", {});
  if (lock.ok() || lock.error().id != ErrorId::profile_busy) return lock;
  return make_error(ErrorId::tunnel_conflict, "The profile '" + profile + "' has a tunnel already");
}

Error left_in_hosts_file(const std::string& file, const std::string& block, const Error& why) {
  return make_error(why.id, file + " still has a tunnel's lines; remove those with '# skiff " + block +
                                "', or their names lead to this host: " + why.what);
}

std::vector<std::string> helper_command() { return {sys::executable(), "__helper"}; }

std::string hosts_block_of(const Home& home, const std::string& profile) {
  return net::hosts_block_name(profile, home.folder());
}

Result<void> take_back_hosts(const Context& ctx, const Home& home, const std::string& profile, By by) {
  const TunnelState state = load_tunnel_state(tunnel_folder(home, profile));
  const std::string& file = state.hosts_file;
  const std::string block = state.hosts_block.empty() ? profile : state.hosts_block;
  if (!net::has_hosts_block(file, block)) return {};
  net::Privileges sudo({.hosts_file = file, .helper = helper_command()});
  const auto cleared = by == By::user ? net::clear_hosts_file(ctx, file, block) : sudo.clear_hosts(ctx, block);
  return cleared.ok() ? cleared : left_in_hosts_file(file, block, cleared.error());
}

Result<void> take_back_statuses(const Context& ctx, const Home& home, LiveCluster& cluster) {
  const std::string& profile = cluster.spec.profile;
  const std::string folder = tunnel_folder(home, profile);
  if (!sys::exists(tunnel_file(folder))) return {};
  TunnelState state = load_tunnel_state(folder);
  auto outcome = hide_all(ctx, cluster.client, state);
  const std::string block = state.hosts_block.empty() ? profile : state.hosts_block;
  if (!net::has_hosts_block(state.hosts_file, block)) state.hosts_file.clear();
  state.process.clear();
  state.entries.clear();
  TRY(sys::write_atomic(tunnel_file(folder), to_pretty_text(to_json(state))));
  return outcome;
}

TunnelStatus tunnel_status(const Home& home, const std::string& profile) {
  const TunnelState state = load_tunnel_state(tunnel_folder(home, profile));
  const auto process = net::parse_identity(state.process);
  if (!process || !net::is_alive(*process)) return {};
  return {process, state.entries};
}

Result<void> clean_after_tunnel(const Context& ctx, const Home& home, const std::string& profile, By by) {
  const TunnelState state = load_tunnel_state(tunnel_folder(home, profile));
  if (state.written.empty() && state.hosts_file.empty() && state.before.empty()) return {};
  const auto lock = lock_tunnel(ctx, home, profile);
  if (!lock.ok()) return lock.error().id == ErrorId::tunnel_conflict ? Result<void>() : lock.error();
  auto hosts = take_back_hosts(ctx, home, profile, by);
  const Context limited = ctx.within(std::chrono::seconds(10));
  TRY(take_back_statuses_if_it_runs(limited, home, profile));
  return hosts;
}

Result<void> clean_hosts_after_tunnel(const Context& ctx, const Home& home, const std::string& profile) {
  if (load_tunnel_state(tunnel_folder(home, profile)).hosts_file.empty()) return {};
  const auto lock = lock_tunnel(ctx, home, profile);
  if (!lock.ok()) return lock.error().id == ErrorId::tunnel_conflict ? Result<void>() : lock.error();
  return take_back_hosts(ctx, home, profile, By::sudo);
}

}  // namespace skiff::cluster
