// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/node.h"

#include <algorithm>
#include <thread>

#include "base/strings.h"
#include "drivers/common/publish.h"
#include "drivers/libvirt/console_text.h"
#include "drivers/libvirt/domain_plan.h"
#include "drivers/libvirt/image.h"
#include "drivers/libvirt/metadata.h"
#include "drivers/libvirt/network.h"
#include "sys/log.h"
#include "sys/net/host_net.h"

namespace skiff::drivers::libvirt {

namespace {

// How long a machine may take for what it does at once where it is not emulated.
Duration patience(Connection& connection, Duration fast) { return connection.emulated() ? fast * 10 : fast; }
constexpr Duration boot_time = std::chrono::seconds(30);
constexpr Duration stop_time = std::chrono::seconds(15);

struct Found {
  Domain handle;
  ObservedNode node;
  Labels labels;
};

// A shut off domain whose disk is absent was never made ready, or has lost it: it is to be made anew.
Result<NodeState> state_of(const Context& ctx, Connection& connection, const Domain& domain, const Labels& labels) {
  int state = VIR_DOMAIN_NOSTATE;
  TRY(connection.done(connection.api().virDomainGetState(domain.get(), &state, nullptr, 0), "look at a machine"));
  switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:
      return NodeState::running;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
      return NodeState::paused;
    default:
      break;
  }
  if (connection.api().virDomainHasManagedSaveImage(domain.get(), 0) == 1) return NodeState::saved;
  const auto node = node_from(labels, NodeState::broken);
  const auto pool = TRY(find_pool(ctx, connection));
  if (!pool) return NodeState::broken;
  if (!is_active(connection, *pool)) return NodeState::stopped;  // what it holds cannot be known until it is started
  const auto disk = TRY(find_volume(connection, *pool, node_volume(node->id.cluster, node->id.name, "disk")));
  return disk ? NodeState::stopped : NodeState::broken;
}

// Nothing when the domain is not ours, or has gone meanwhile.
Result<std::optional<Found>> observe(const Context& ctx, Connection& connection, Domain domain) {
  const auto xml = connection.text(connection.api().virDomainGetXMLDesc(domain.get(), 0), "describe a machine");
  if (!xml.ok() && connection.last_error_is(VIR_ERR_NO_DOMAIN)) return std::optional<Found>();
  if (!xml.ok()) return xml.error();
  const Labels labels = labels_in(*xml);
  if (!node_from(labels, NodeState::broken)) return std::optional<Found>();
  const auto state = state_of(ctx, connection, domain, labels);
  if (!state.ok() && connection.last_error_is(VIR_ERR_NO_DOMAIN)) return std::optional<Found>();
  auto node = node_from(labels, TRY(state));
  if (!connection.is_local()) {
    const auto port = port_in(labels, label::api_port);
    node->api = port == 0 ? "" : host_and_port(connection.host(), port);
  }
  return std::optional(Found{std::move(domain), *std::move(node), labels});
}

Result<std::optional<Domain>> find_domain(const Context& ctx, Connection& connection, const std::string& name) {
  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  return connection.look(api.virDomainLookupByName(conn, name.c_str()), api.virDomainFree, VIR_ERR_NO_DOMAIN,
                         "find the machine " + name);
}

// The node's domain; one of that name that is not this node's counts as absent.
Result<std::optional<Found>> find_node(const Context& ctx, Connection& connection, const NodeId& id) {
  auto domain = TRY(find_domain(ctx, connection, id.name));
  if (!domain) return std::optional<Found>();
  auto found = TRY(observe(ctx, connection, *std::move(domain)));
  if (!found || found->node.id != id) return std::optional<Found>();
  return found;
}

Result<std::vector<Found>> all_found(const Context& ctx, Connection& connection) {
  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  std::vector<Found> found;
  for (auto& domain :
       TRY(connection.list_all(conn, api.virConnectListAllDomains, api.virDomainFree, "list machines"))) {
    if (auto seen = TRY(observe(ctx, connection, std::move(domain)))) found.push_back(*std::move(seen));
  }
  return found;
}

// Of all of skiff's machines, where ports are published; elsewhere nobody asks for them.
Result<std::vector<Labels>> labels_of_all(const Context& ctx, Connection& connection) {
  std::vector<Labels> all;
  if (connection.is_local()) return all;
  for (auto& each : TRY(all_found(ctx, connection))) all.push_back(std::move(each.labels));
  return all;
}

Result<void> ensure_disk(const Connection& connection, const Pool& pool, const ClusterSpec& spec, const NodeSpec& node,
                         const ImageFiles& image) {
  const std::string name = node_volume(identity_of(spec), node.name, "disk");
  if (TRY(find_volume(connection, pool, name))) return {};
  constexpr std::int64_t usual_mib = 20 << 10;
  const std::int64_t bytes = (spec.disk_mib > 0 ? spec.disk_mib : usual_mib) << 20;
  if (bytes < image.disk_bytes) {
    return make_error(ErrorId::usage, "--disk-size must be at least " + std::to_string(image.disk_bytes >> 20) +
                                          "m for this node image");
  }
  TRY(create_volume(connection, pool, {.name = name, .bytes = bytes, .backing = image.disk}));
  return {};
}

Result<Conversation> ask_running(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id,
                                 const Machines::Request& request) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (!found || found->node.state != NodeState::running) {
    return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
  }
  Machines::Running machine{id, static_cast<int>(connection.api().virDomainGetID(found->handle.get())),
                            to_string(found->node.address), machine_port};
  if (!connection.is_local()) {
    machine.host = connection.host();
    machine.port = port_in(found->labels, label::machine_port);
    if (machine.port == 0) {
      return make_error(ErrorId::network, "The machine '" + id.name + "' was made for its own host alone",
                        "Run skiff on " + machine.host);
    }
  }
  return machines.ask(ctx, machine, request, patience(connection, boot_time));
}

Error ended(const Context& ctx, Connection& connection, const NodeId& id, Error why) {
  if (why.id != ErrorId::interrupted) {
    if (const auto words = console(ctx, connection, id); words.ok() && !words->empty()) {
      why.trail.push_back("the machine's last words: " + *words);
    }
  }
  return why;
}

Json set_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return JsonObject{{"clock", std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()}};
}

// A machine that slept has a clock that is behind.
Result<void> correct_clock(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id) {
  return TRY(ask_running(ctx, connection, machines, id, set_clock)).expect_done(ctx);
}

Result<std::string> uuid_of(const Connection& connection, const Domain& domain) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  TRY(connection.done(connection.api().virDomainGetUUIDString(domain.get(), uuid.data()), "look at a machine"));
  return std::string(uuid.data());
}

Result<void> start(const Context& ctx, Connection& connection, Machines& machines, const Domain& domain,
                   const NodeId& id) {
  const auto started = connection.done(connection.api().virDomainCreate(domain.get()), "start the machine " + id.name);
  if (!started.ok() && started.error().what.find("host forwarding rule") != std::string::npos) {
    return make_error(ErrorId::port_in_use, "A port of " + connection.host() +
                                                " is taken, or its address is not its own: " + started.error().what);
  }
  TRY(started);
  const auto answer = ask_running(ctx, connection, machines, id, set_clock);
  return answer.ok() ? Result<void>() : ended(ctx, connection, id, answer.error());
}

// Goes on with the memory that was saved. False when libvirt cannot use it: it is then gone, and the machine boots
// anew.
Result<bool> restore(const Context& ctx, Connection& connection, Machines& machines, const Domain& domain,
                     const NodeId& id) {
  const Library& api = connection.api();
  TRY(ctx.check());
  if (api.virDomainCreate(domain.get()) == 0) {
    TRY(correct_clock(ctx, connection, machines, id));
    return true;
  }
  ctx.events->warning(connection.failure("use the saved memory of " + id.name).what + "; the machine boots anew");
  TRY(connection.done(api.virDomainManagedSaveRemove(domain.get(), 0), "remove the saved memory of " + id.name));
  return false;
}

Result<void> remove_volumes(const Connection& connection, const std::optional<Pool>& pool, const NodeId& id) {
  if (!pool) return {};
  for (const std::string_view kind : {"disk", "tree", "console"}) {
    TRY(remove_volume(connection, *pool, node_volume(id.cluster, id.name, kind)));
  }
  return {};
}

// As far as it is there; the description goes last, because it is what tells that the rest may be there.
Result<void> remove(const Connection& connection, const std::optional<Pool>& pool, const Domain& domain,
                    const NodeId& id) {
  const Library& api = connection.api();
  if (api.virDomainIsActive(domain.get()) == 1 && api.virDomainDestroy(domain.get()) < 0 &&
      api.virDomainIsActive(domain.get()) == 1) {
    return connection.failure("end the machine " + id.name);
  }
  TRY(remove_volumes(connection, pool, id));
  constexpr unsigned everything = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
  if (api.virDomainUndefineFlags(domain.get(), everything) < 0 && !connection.last_error_is(VIR_ERR_NO_DOMAIN)) {
    return connection.failure("remove the machine " + id.name);
  }
  return {};
}

}  // namespace

Result<Conversation> ask(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id,
                         const Json& request) {
  return ask_running(ctx, connection, machines, id, [&] { return request; });
}

namespace {

// Makes what is absent, and starts the machine. `made` tells what it had to create, also when it fails.
Result<void> make_or_start(const Context& ctx, Connection& connection, Machines& machines, const PlacedSpec& spec,
                           const NodeSpec& node, const FileTree& tree, Made& made) {
  const NodeId id{identity_of(spec), node.name};
  const auto existing = TRY(find_domain(ctx, connection, node.name));
  const auto mine = TRY(find_node(ctx, connection, id));
  if (existing && !mine) {
    const auto xml = connection.text(connection.api().virDomainGetXMLDesc(existing->get(), 0), "describe a machine");
    return not_ours("The libvirt domain '" + node.name + "'", labels_in(xml.value_or("")),
                    "Rename or remove it with virsh");
  }
  if (mine && mine->node.state == NodeState::running) {
    // Something else than skiff may have let it sleep, and certificates of today are not valid yet for a clock behind.
    const auto corrected = correct_clock(ctx.within(std::chrono::seconds(10)), connection, machines, id);
    if (!corrected.ok()) sys::log::warn("the clock of " + id.name + " stays as it is: " + corrected.error().what);
    return ctx.check();
  }
  if (mine && mine->node.state == NodeState::paused) return unpause_node(ctx, connection, machines, id);
  if (mine && mine->node.state == NodeState::saved && TRY(restore(ctx, connection, machines, mine->handle, id)))
    return {};

  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  const Pool pool = TRY(ensure_pool(ctx, connection));
  made.storage = !TRY(find_volume(connection, pool, node_volume(id.cluster, id.name, "disk")));
  const bool renews = !mine || !tree.files.empty();
  const std::string reference = renews ? spec.node_image : mine->node.image;
  const ImageFiles image = TRY(image_files(connection, pool, reference));
  DomainPlan wanted = TRY(plan_domain(connection, conn, pool, spec, node, image));
  if (mine) wanted.uuid = TRY(uuid_of(connection, mine->handle));
  take_system(wanted, reference, image, mine && !made.storage ? &mine->node : nullptr);
  Result<void> started;
  const auto others = TRY(labels_of_all(ctx, connection));
  const Labels own = mine ? mine->labels : Labels();
  for (const auto& published : TRY(publications(ctx, connection, others, own, node.role, spec.kubernetes.api_port))) {
    publish(wanted, published);
    const std::string xml = domain_xml(wanted);
    TRY(ctx.check());
    const Domain domain = TRY(connection.take(api.virDomainDefineXML(conn, xml.c_str()), api.virDomainFree,
                                              "describe the machine " + id.name));
    made.node = !mine;
    wanted.uuid = TRY(uuid_of(connection, domain));
    TRY(ensure_disk(connection, pool, spec, node, image));
    if (renews) {
      const auto identity = TRY(sys::make_self_signed("skiff-machine"));
      TRY(store(ctx, connection, pool, node_volume(id.cluster, id.name, "tree"),
                machine_tree(spec, node, tree, network_mtu(connection).value_or(sys::ethernet_mtu),
                             !published.ports.empty(), identity)));
    }
    started = start(ctx, connection, machines, domain, id);
    if (started.ok() || started.error().id != ErrorId::port_in_use) return started;
  }
  return started;
}

}  // namespace

Result<Made> ensure_node(const Context& ctx, Connection& connection, Machines& machines, const PlacedSpec& spec,
                         const NodeSpec& node, const FileTree& tree) {
  Made made;
  auto done = make_or_start(ctx, connection, machines, spec, node, tree, made);
  if (done.ok()) return made;
  if (made.storage) {
    const Context fresh{{}, Deadline::in(std::chrono::seconds(30)), ctx.events};
    if (const auto removed = remove_node(fresh, connection, {identity_of(spec), node.name}); !removed.ok()) {
      done.error().trail.push_back("and it could not be removed: " + removed.error().what);
    }
  }
  return std::move(done).error();
}

Result<void> stop_node(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (!found || (found->node.state != NodeState::running && found->node.state != NodeState::paused)) return {};
  const Library& api = connection.api();
  if (found->node.state == NodeState::paused) {
    TRY(connection.done(api.virDomainResume(found->handle.get()), "unpause the machine " + id.name));
  }
  // Answered when everything is written and nothing runs any more; the machine itself is then no longer needed.
  const Context limited = ctx.within(patience(connection, stop_time));
  const auto stopped = [&]() -> Result<void> {
    return TRY(ask(limited, connection, machines, id, JsonObject{{"stop", true}})).expect_done(limited);
  }();
  TRY(ctx.check());
  if (!stopped.ok()) sys::log::warn("the machine " + id.name + " is stopped by force: " + stopped.error().what);
  if (api.virDomainDestroy(found->handle.get()) < 0 && api.virDomainIsActive(found->handle.get()) == 1) {
    return connection.failure("end the machine " + id.name);
  }
  return {};
}

Result<void> save_node(const Context& ctx, Connection& connection, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (!found || (found->node.state != NodeState::running && found->node.state != NodeState::paused)) return {};
  // It may write for minutes. A job that is aborted leaves the machine as it was.
  const Library& api = connection.api();
  virDomainPtr const domain = found->handle.get();
  std::stop_source over;
  const std::jthread watcher([&] {
    const Context waiting{over.get_token(), ctx.deadline, ctx.events};
    const std::stop_callback wake(ctx.stop, [&] { over.request_stop(); });
    (void)waiting.pause(ctx.deadline.left());
    if (!ctx.check().ok()) api.virDomainAbortJob(domain);
  });
  const auto saved = connection.done(api.virDomainManagedSave(domain, VIR_DOMAIN_SAVE_RUNNING),
                                     "save the memory of the machine " + id.name);
  over.request_stop();
  if (!saved.ok()) TRY(ctx.check());
  return saved;
}

Result<void> pause_node(const Context& ctx, Connection& connection, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (found && found->node.state == NodeState::paused) return {};
  if (!found || found->node.state != NodeState::running) {
    return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
  }
  return connection.done(connection.api().virDomainSuspend(found->handle.get()), "pause the machine " + id.name);
}

Result<void> unpause_node(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (found && found->node.state == NodeState::running) return {};
  if (!found || found->node.state != NodeState::paused) {
    return make_error(ErrorId::cluster_not_running, "The node '" + id.name + "' does not run");
  }
  TRY(connection.done(connection.api().virDomainResume(found->handle.get()), "unpause the machine " + id.name));
  return correct_clock(ctx, connection, machines, id);
}

Result<void> remove_node(const Context& ctx, Connection& connection, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  // One that somebody has undefined has left its volumes; those of a domain that is not this node are not this node's.
  if (!found && TRY(find_domain(ctx, connection, id.name))) return {};
  const auto pool = TRY(started_pool(ctx, connection));
  if (pool) TRY(refresh(connection, *pool));
  return found ? remove(connection, pool, found->handle, id) : remove_volumes(connection, pool, id);
}

Result<void> remove_leftovers(const Context& ctx, Connection& connection, const ClusterId& cluster) {
  const auto pool = TRY(started_pool(ctx, connection));
  if (pool) TRY(refresh(connection, *pool));
  for (const auto& found : TRY(all_found(ctx, connection))) {
    if (found.node.id.cluster == cluster) TRY(remove(connection, pool, found.handle, found.node.id));
  }
  for (const auto& name : pool ? TRY(volume_names(connection, *pool)) : std::vector<std::string>()) {
    if (name.starts_with(volume_prefix(cluster))) TRY(remove_volume(connection, *pool, name));
  }
  return remove_networks(ctx, connection, cluster);
}

Result<std::vector<ObservedNode>> all_nodes(const Context& ctx, Connection& connection) {
  std::vector<ObservedNode> found;
  for (auto& each : TRY(all_found(ctx, connection))) found.push_back(std::move(each.node));
  std::ranges::sort(found, {}, [](const ObservedNode& node) { return node.id.name; });
  return found;
}

Result<std::string> console(const Context& ctx, Connection& connection, const NodeId& id) {
  const auto found = TRY(find_node(ctx, connection, id));
  if (!found) return make_error(ErrorId::node_not_found, "There is no machine '" + id.name + "'");
  const auto pool = TRY(find_pool(ctx, connection));
  if (!pool || !is_active(connection, *pool)) return std::string();
  TRY(refresh(connection, *pool));
  const auto volume = TRY(find_volume(connection, *pool, node_volume(id.cluster, id.name, "console")));
  if (!volume) return std::string();
  constexpr std::size_t enough = 1 << 20;
  return readable(TRY(read_volume(ctx, connection, *volume, enough)), 200);
}

}  // namespace skiff::drivers::libvirt
