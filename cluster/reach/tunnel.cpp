// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/tunnel.h"

#include <algorithm>
#include <ctime>

#include "base/strings.h"
#include "cluster/reach/service_routes.h"
#include "cluster/reach/tunnel_cleanup.h"
#include "net/forward/forwarder.h"
#include "net/helper/privileged_helper.h"
#include "net/listen.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

using Doors = std::vector<addons::TunnelDoor>;

std::vector<net::LocalService> wanted_services(const ClusterView::Objects& objects, const Doors& doors,
                                               const std::set<std::string>& written) {
  std::vector<net::LocalService> wanted;
  for (const auto& door : doors) {
    if (!objects.contains(key_of(door))) continue;
    wanted.push_back({door.name, {}, std::nullopt});
    for (const auto port : door.ports) wanted.back().ports.push_back({net::Protocol::tcp, port});
  }
  for (const auto& [key, object] : objects) {
    if (is_for_tunnel(object, written.contains(to_string(key)))) wanted.push_back(to_local_service(object));
  }
  return wanted;
}

class Tunnel {
 public:
  Tunnel(const TunnelRequest& request, Doors doors, std::string folder, std::shared_ptr<ClusterView> view,
         std::unique_ptr<net::Forwarder> forwarder, TunnelState state, std::string hosts_block, sys::UniqueFd helper)
      : request_(request),
        doors_(std::move(doors)),
        folder_(std::move(folder)),
        view_(std::move(view)),
        forwarder_(std::move(forwarder)),
        state_(std::move(state)),
        hosts_block_(std::move(hosts_block)),
        privileges_({.hosts_file = request.hosts_file, .helper = helper_command()}) {
    state_.process = net::to_text(net::own_identity());
    privileges_.take_over(std::move(helper));
  }

  // Makes true what the cluster's objects ask for; what fails is tried again with the next change.
  void reconcile(const Context& ctx) {
    const auto objects = view_->objects(service_resource);
    auto wanted = wanted_services(objects, doors_, state_.written);
    if (request_.address) {
      for (auto& service : wanted) service.wanted = service.wanted.value_or(*request_.address);
    }
    const auto taken = [this](const net::ListenPoint& asked) {
      const auto points = net::listen_points(asked.address.v4, {asked.protocol, asked.port});
      return std::ranges::any_of(points,
                                 [this](const auto& point) { return !open_.contains(point) && net::is_taken(point); });
    };
    const auto allocation = net::allocate_local_addresses(wanted, state_.addresses, taken);

    close_all_but(wanted, allocation.addresses);
    std::vector<TunnelEntry> entries;
    for (const auto& service : wanted) entries.push_back(serve(ctx, service, allocation));
    remember(allocation.addresses, entries, objects);
    for (const auto& entry : entries) show(ctx, objects, entry);
    map_hosts(ctx, entries);
    state_.entries = entries;
    save();
    tell(ctx, entries);
  }

  void end(const Context& ctx) {
    open_.clear();
    forwarder_.reset();
    if (request_.hosts_file.empty()) return;
    if (const auto cleared = privileges_.clear_hosts(ctx, hosts_block_); !cleared.ok()) {
      ctx.events->warning(left_in_hosts_file(request_.hosts_file, hosts_block_, cleared.error()).what);
    }
  }

 private:
  void close_all_but(const std::vector<net::LocalService>& wanted, const net::LocalAddresses& addresses) {
    std::map<net::ListenPoint, std::string> kept;
    for (const auto& service : wanted) {
      const auto address = addresses.find(service.name);
      if (address == addresses.end()) continue;
      for (const auto& port : service.ports) {
        for (const auto& point : net::listen_points(address->second, port)) kept[point] = service.name;
      }
    }
    std::erase_if(open_, [&](const auto& each) {
      const auto same = kept.find(each.first);
      if (same != kept.end() && same->second == each.second) return false;
      forwarder_->close(each.first);
      return true;
    });
  }

  TunnelEntry serve(const Context& ctx, const net::LocalService& service, const net::LocalAllocation& allocation) {
    TunnelEntry entry{service.name, {}, {}, {}};
    if (const auto refused = allocation.refused.find(service.name); refused != allocation.refused.end()) {
      entry.problem = refused->second;
      return entry;
    }
    const Ipv4 address = allocation.addresses.at(service.name);
    for (const auto& port : service.ports) {
      entry.ports.push_back(std::to_string(port.port) + "/" + std::string(net::to_string(port.protocol)));
      for (const auto& point : net::listen_points(address, port)) {
        if (const auto opened = open(ctx, service.name, point); !opened.ok()) entry.problem = opened.error().what;
      }
    }
    if (entry.problem.empty()) entry.address = to_string(address);
    return entry;
  }

  Result<void> open(const Context& ctx, const std::string& name, const net::ListenPoint& point) {
    if (open_.contains(point)) return {};
    const auto slash = name.find('/');
    const auto route = door(name) != nullptr ? node_route(view_, control_plane_of(view_->spec()), point.port)
                                             : service_route(view_, {name.substr(0, slash), name.substr(slash + 1)},
                                                             point.protocol, point.port);
    TRY(forwarder_->adopt(TRY(privileges_.bind(ctx, point)), route));
    open_[point] = name;
    return {};
  }

  // On disk before anything is written to the cluster: a killed tunnel must be traceable.
  void remember(const net::LocalAddresses& addresses, const std::vector<TunnelEntry>& entries,
                const ClusterView::Objects& objects) {
    for (const auto& [name, address] : addresses) state_.addresses[name] = address;
    for (const auto& entry : entries) {
      const auto* door_of = door(entry.name);
      if (door_of == nullptr) {
        state_.written.insert(entry.name);
        continue;
      }
      const auto shown = shown_address(objects.at(key_of(*door_of)));
      if (!entry.address.empty() && shown != entry.address) state_.before[to_string(key_of(*door_of))] = shown;
    }
    state_.entries = entries;
    if (!request_.hosts_file.empty()) {
      state_.hosts_file = request_.hosts_file;
      state_.hosts_block = hosts_block_;
    }
    save();
  }
  void save() {
    const std::string text = to_pretty_text(to_json(state_));
    if (text == saved_ || !sys::exists(folder_)) return;
    if (const auto written = sys::write_atomic(tunnel_file(folder_), text); !written.ok()) {
      sys::log::warn(written.error().what);
    }
    saved_ = text;
  }

  void show(const Context& ctx, const ClusterView::Objects& objects, const TunnelEntry& entry) {
    const auto* door_of = door(entry.name);
    const std::string name = door_of != nullptr ? to_string(key_of(*door_of)) : entry.name;
    const auto object = std::ranges::find_if(objects, [&](const auto& o) { return to_string(o.first) == name; });
    std::optional<Ipv4> address;
    if (const auto parsed = parse_ipv4(entry.address); parsed.ok()) address = *parsed;
    if (object == objects.end() || tunnel_address(object->second) == address) return;
    if (door_of != nullptr && !address) return;  // it keeps what the addon gave it
    const auto shown = view_->client().merge_patch(ctx.within(std::chrono::seconds(5)), status_path(object->first),
                                                   status_patch(address));
    if (!shown.ok() && shown.error().id != ErrorId::kube_not_found) sys::log::warn(shown.error().what);
  }

  void map_hosts(const Context& ctx, std::vector<TunnelEntry>& entries) {
    if (request_.hosts_file.empty()) return;
    IngressHosts hosts;
    std::vector<TunnelEntry*> with_hosts;
    for (auto& entry : entries) {
      const auto* door_of = door(entry.name);
      if (door_of == nullptr || door_of->ingress_class.empty()) continue;
      with_hosts.push_back(&entry);
      const auto address = net::parse_address(entry.address);
      if (!address.ok()) continue;
      auto found = hosts_of(view_->objects(ingress_resource), door_of->ingress_class, *address, request_.allowed_hosts);
      std::ranges::move(found.mapped, std::back_inserter(hosts.mapped));
      if (!found.left_out.empty()) entry.problem = left_out_text(found.left_out);
    }
    // Each time, as other programs write that file too; nobody is asked and nothing written where nothing changes.
    const auto set = privileges_.set_hosts(ctx, hosts_block_, hosts.mapped);
    if (with_hosts.empty()) return;
    std::string& problem = with_hosts.front()->problem;
    if (!set.ok()) {
      problem = set.error().what;
      return;
    }
    for (const auto& conflict : *set) {
      problem += (problem.empty() ? "" : "; ") + request_.hosts_file + ":" + std::to_string(conflict.line) + " maps " +
                 conflict.name + " to " + conflict.address + " already: left as it is";
    }
  }

  void tell(const Context& ctx, const std::vector<TunnelEntry>& entries) {
    for (const auto& entry : entries) {
      if (std::ranges::find(told_, entry) != told_.end()) continue;
      if (!entry.problem.empty()) {
        ctx.events->warning(entry.name + ": " + entry.problem);
        report(ctx, entry);
      }
      if (!entry.address.empty()) {
        for (const auto& port : entry.ports) ctx.events->note(entry.name + " is at " + entry.address + ":" + port);
      }
    }
    for (const auto& old : told_) {
      if (std::ranges::find(entries, old.name, &TunnelEntry::name) == entries.end()) {
        ctx.events->note(old.name + " is not served any more");
      }
    }
    told_ = entries;
  }

  // As an Event of the service, where its owner looks for it.
  void report(const Context& ctx, const TunnelEntry& entry) {
    const auto objects = view_->objects(service_resource);
    const auto object = std::ranges::find_if(objects, [&](const auto& o) { return to_string(o.first) == entry.name; });
    if (object == objects.end()) return;
    const auto told = view_->client().create(ctx.within(std::chrono::seconds(5)),
                                             kube::path_of({"v1", "events", true}, object->first.ns),
                                             problem_event(object->second, entry.problem, std::time(nullptr)));
    if (!told.ok()) sys::log::warn(told.error().what);
  }

  // The door of that name; null for an entry of the user's own service.
  const addons::TunnelDoor* door(const std::string& name) const {
    const auto found = std::ranges::find(doors_, name, &addons::TunnelDoor::name);
    return found == doors_.end() ? nullptr : &*found;
  }

  const TunnelRequest& request_;
  Doors doors_;
  std::string folder_;
  std::shared_ptr<ClusterView> view_;
  std::unique_ptr<net::Forwarder> forwarder_;
  TunnelState state_;
  std::string hosts_block_;
  net::Privileges privileges_;
  std::map<net::ListenPoint, std::string> open_;  // whose it is
  std::vector<TunnelEntry> told_;
  std::string saved_;
};

}  // namespace

Result<void> run_tunnel(const Context& ctx, const Home& home, const TunnelRequest& request,
                        const std::function<void()>& serving, sys::UniqueFd helper) {
  const std::string folder = tunnel_folder(home, request.profile);
  const auto lock = TRY(lock_tunnel(ctx, home, request.profile));
  // What a killed one has left; its lines in this tunnel's own hosts file are replaced later.
  if (load_tunnel_state(folder).hosts_file != request.hosts_file) {
    const auto cleaned = take_back_hosts(ctx, home, request.profile, By::sudo);
    if (!cleaned.ok()) ctx.events->warning(cleaned.error().what);
  }
  auto cluster = TRY(connect(ctx, home, TRY(open_profile(home, request.profile))));
  TRY(take_back_statuses(ctx, home, cluster));
  const auto view =
      TRY(ClusterView::start(ctx, std::move(cluster), {service_resource, slice_resource, ingress_resource}));
  TRY(view->await_listed(ctx.within(std::chrono::minutes(1))));
  Tunnel tunnel(request, tunnel_doors(home), folder, view, TRY(net::Forwarder::start()), load_tunnel_state(folder),
                hosts_block_of(home, request.profile), std::move(helper));

  constexpr Duration between_tries = std::chrono::seconds(5);  // of what has failed, such as a port that was taken
  unsigned long version = view->await_change(ctx, 0);
  tunnel.reconcile(ctx);
  serving();
  while (!ctx.stop.stop_requested() && sys::exists(folder)) {
    version = view->await_change(ctx.within(between_tries), version);
    if (!ctx.stop.stop_requested()) tunnel.reconcile(ctx);
  }
  const Context fresh{{}, Deadline::in(std::chrono::seconds(10)), ctx.events};
  tunnel.end(fresh);
  return take_back_statuses(fresh, home, view->cluster());
}

Result<sys::UniqueFd> ask_for_helper(const Context& ctx, const Home& home, const TunnelRequest& request) {
  const net::Rights rights = net::rights_of_this_process();
  if (rights.root) return sys::UniqueFd();
  auto cluster = TRY(connect(ctx, home, TRY(open_profile(home, request.profile))));
  ClusterView::Objects objects;
  for (auto& object : TRY(cluster.client.list(ctx, service_resource, ""))) objects[key_of(object)] = std::move(object);
  const auto written = load_tunnel_state(tunnel_folder(home, request.profile)).written;

  const auto needs_root = [&](const net::LocalService& service) {
    return std::ranges::any_of(service.ports, [&](const auto& port) { return !rights.may_bind(port.port); });
  };
  const Doors doors = tunnel_doors(home);
  const bool low_port = std::ranges::any_of(wanted_services(objects, doors, written), needs_root);
  const auto has_hosts = [&](const auto& door) {
    return !door.ingress_class.empty() && objects.contains(key_of(door));
  };
  const bool hosts = request.hosts_file == net::system_hosts_file && std::ranges::any_of(doors, has_hosts) &&
                     !net::may_write_hosts_file(request.hosts_file);
  if (!low_port && !hosts) return sys::UniqueFd();
  net::Privileges privileges({.hosts_file = request.hosts_file, .helper = helper_command()});
  if (const auto started = privileges.start_helper(ctx, "The tunnel"); !started.ok()) {
    TRY(ctx.check());
    ctx.events->warning(started.error().what);
  }
  return privileges.hand_over();
}

}  // namespace skiff::cluster
