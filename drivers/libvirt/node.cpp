#include "drivers/libvirt/node.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include "base/strings.h"
#include "drivers/common/publish.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/image.h"
#include "drivers/libvirt/metadata.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/time_stamp_counter.h"
#include "sys/host_net.h"
#include "sys/log.h"
#include "sys/name_lookup.h"

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

// The address by which this host finds the libvirt host. QEMU's user-mode network takes connections by IPv4 alone.
Result<std::string> published_address(const Context& ctx, const Connection& connection) {
  std::string address = TRY(sys::ipv4_of(ctx, connection.host()));
  if (!address.empty()) return address;
  return make_error(ErrorId::unsupported,
                    connection.host() + " has no IPv4 address, and QEMU publishes ports at no other",
                    "Give it one, or run skiff there");
}

// What may be published of a machine, the next when a port turns out to be taken; nothing on this host, which reaches
// all. A machine keeps the ports that it has.
Result<std::vector<Published>> publications(const Context& ctx, Connection& connection,
                                            const std::optional<Found>& mine, Role role, std::uint16_t api_port) {
  if (connection.is_local()) return std::vector<Published>(1);
  std::set<std::uint16_t> taken;
  for (const auto& each : TRY(all_found(ctx, connection))) {
    for (const auto name : {label::machine_port, label::api_port}) taken.insert(port_in(each.labels, name));
  }
  auto ports = ports_to_try(taken);
  if (mine && port_in(mine->labels, label::machine_port) != 0) {
    ports = {port_in(mine->labels, label::machine_port), port_in(mine->labels, label::api_port)};
  }
  const std::string address = TRY(published_address(ctx, connection));
  // QEMU does not say why it cannot listen, and it will not at any port of an address that is not its host's.
  constexpr std::size_t most = 10;
  std::vector<Published> all;
  for (std::size_t i = 0; i + 1 < ports.size() && i < most; ++i) {
    Published published{address, {{ports[i], machine_port}}};
    if (role == Role::control_plane) published.ports.emplace_back(ports[i + 1], api_port);
    all.push_back(std::move(published));
  }
  return all;
}

void publish(DomainPlan& plan, const Published& published) {
  plan.published = published;
  for (const auto& [host, machine] : published.ports) {
    plan.labels[std::string(machine == machine_port ? label::machine_port : label::api_port)] = std::to_string(host);
  }
}

// Machines of both roles do with this; emulated ones are many times slower, so they get no more than they need.
std::int64_t memory_of(const ClusterSpec& spec, Role role) {
  if (spec.memory_mib > 0) return spec.memory_mib;
  return role == Role::control_plane ? 2560 : 1536;
}

Result<virNodeInfo> host_info(const Connection& connection, virConnectPtr conn) {
  virNodeInfo info{};
  TRY(connection.done(connection.api().virNodeGetInfo(conn, &info), "look at the host"));
  return info;
}

Result<void> check_memory(const ClusterSpec& spec, const virNodeInfo& host) {
  std::int64_t wanted = 0;
  for (const auto& node : nodes_of(spec)) wanted += memory_of(spec, node.role);
  const auto there = static_cast<std::int64_t>(host.memory >> 10);
  if (wanted <= there) return {};
  return make_error(ErrorId::too_little_memory, "The cluster's machines have " + std::to_string(wanted) +
                                                    " MiB of memory, and the host has " + std::to_string(there));
}

int cpus_of(const ClusterSpec& spec, Role role, bool emulated, unsigned host_cpus) {
  if (spec.cpus > 0) return static_cast<int>(std::ceil(spec.cpus));
  if (emulated && role == Role::worker) return 1;
  return static_cast<int>(std::clamp(host_cpus, 1U, 2U));
}

Result<DomainPlan> plan(Connection& connection, virConnectPtr conn, const Pool& pool, const ClusterSpec& spec,
                        const NodeSpec& node, const ImageFiles& image) {
  const virNodeInfo host = TRY(host_info(connection, conn));
  TRY(check_memory(spec, host));
  const bool emulated = connection.emulated();
  const std::string folder = TRY(folder_of(connection, pool));
  const auto file = [&](std::string_view kind) {
    return folder + "/" + node_volume(identity_of(spec), node.name, kind);
  };
  return DomainPlan{.name = node.name,
                    .uuid = {},
                    .labels = node_labels(spec, node),
                    .memory_mib = memory_of(spec, node.role),
                    .cpus = cpus_of(spec, node.role, emulated, host.cpus),
                    .emulated = emulated,
                    .tsc_khz = emulated && connection.is_local() ? time_stamp_counter_khz() : 0,
                    .kernel = image.kernel,
                    .initrd = image.initrd,
                    .disk = file("disk"),
                    .tree = file("tree"),
                    .console = file("console"),
                    .network = network_name(spec.profile),
                    .mac = mac_of(node.address)};
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
Result<void> make_or_start(const Context& ctx, Connection& connection, Machines& machines, const ClusterSpec& spec,
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
  const ImageFiles image = TRY(image_files(connection, pool, spec.node_image));
  DomainPlan wanted = TRY(plan(connection, conn, pool, spec, node, image));
  if (mine) wanted.uuid = TRY(uuid_of(connection, mine->handle));
  made.storage = !TRY(find_volume(connection, pool, node_volume(id.cluster, id.name, "disk")));
  Result<void> started;
  for (const auto& published : TRY(publications(ctx, connection, mine, node.role, spec.kubernetes.api_port))) {
    publish(wanted, published);
    const std::string xml = domain_xml(wanted);
    TRY(ctx.check());
    const Domain domain = TRY(connection.take(api.virDomainDefineXML(conn, xml.c_str()), api.virDomainFree,
                                              "describe the machine " + id.name));
    made.node = !mine;
    wanted.uuid = TRY(uuid_of(connection, domain));
    TRY(ensure_disk(connection, pool, spec, node, image));
    if (!mine || !tree.files.empty()) {
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

Result<Made> ensure_node(const Context& ctx, Connection& connection, Machines& machines, const ClusterSpec& spec,
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

std::string readable(std::string_view bytes, std::size_t lines) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == '\x1b') {  // a terminal's command ends with a letter
      while (at + 1 < bytes.size() && std::isalpha(static_cast<unsigned char>(bytes[at + 1])) == 0) ++at;
      ++at;
    } else if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= ' ') {
      text += c;
    }
  }
  auto all = split(trim(text), '\n');
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return all.empty() || (all.size() == 1 && all[0].empty()) ? "" : join(all, "\n") + "\n";
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
