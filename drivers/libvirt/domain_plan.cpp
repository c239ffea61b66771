// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/domain_plan.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "drivers/common/publish.h"
#include "drivers/libvirt/machine.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/time_stamp_counter.h"
#include "sys/net/name_lookup.h"

namespace skiff::drivers::libvirt {
namespace {

// The address by which this host finds the libvirt host. QEMU's user-mode network takes connections by IPv4 alone.
Result<std::string> published_address(const Context& ctx, const Connection& connection) {
  std::string address = TRY(sys::ipv4_of(ctx, connection.host()));
  if (!address.empty()) return address;
  return make_error(ErrorId::unsupported,
                    connection.host() + " has no IPv4 address, and QEMU publishes ports at no other",
                    "Give it one, or run skiff there");
}

// Machines of both roles do with this; emulated ones are many times slower, so they get no more than they need.
std::int64_t memory_of(const NodeSpec& node) {
  if (node.memory_mib > 0) return node.memory_mib;
  return node.role == Role::control_plane ? 2560 : 1536;
}

Result<virNodeInfo> host_info(const Connection& connection, virConnectPtr conn) {
  virNodeInfo info{};
  TRY(connection.done(connection.api().virNodeGetInfo(conn, &info), "look at the host"));
  return info;
}

Result<void> check_memory(const PlacedSpec& spec, const virNodeInfo& host) {
  std::int64_t wanted = 0;
  for (const auto& node : nodes_of(spec)) wanted += memory_of(node);
  const auto there = static_cast<std::int64_t>(host.memory >> 10);
  if (wanted <= there) return {};
  return make_error(ErrorId::too_little_memory, "The cluster's machines have " + std::to_string(wanted) +
                                                    " MiB of memory, and the host has " + std::to_string(there));
}

int cpus_of(const NodeSpec& node, bool emulated, unsigned host_cpus) {
  if (node.cpus > 0) return static_cast<int>(std::ceil(node.cpus));
  if (emulated && node.role == Role::worker) return 1;
  return static_cast<int>(std::clamp(host_cpus, 1U, 2U));
}

}  // namespace

Result<DomainPlan> plan_domain(Connection& connection, virConnectPtr conn, const Pool& pool, const PlacedSpec& spec,
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
                    .memory_mib = memory_of(node),
                    .cpus = cpus_of(node, emulated, host.cpus),
                    .emulated = emulated,
                    .tsc_khz = emulated && connection.is_local() ? time_stamp_counter_khz() : 0,
                    .kernel = image.kernel,
                    .initrd = image.initrd,
                    .disk = file("disk"),
                    .tree = file("tree"),
                    .console = file("console"),
                    .network = network_name(spec),
                    .mac = mac_of(node.address)};
}

void take_system(DomainPlan& plan, const std::string& reference, const ImageFiles& image, const ObservedNode* before) {
  plan.labels[std::string(label::image)] = reference;
  if (before == nullptr) return;
  const std::string& first = before->disk_image.empty() ? before->image : before->disk_image;
  if (first == reference) return;
  plan.labels[std::string(label::disk_image)] = first;
  plan.image_disk = image.disk;
}

Result<std::vector<Published>> publications(const Context& ctx, const Connection& connection,
                                            std::span<const Labels> others, const Labels& own, Role role,
                                            std::uint16_t api_port) {
  if (connection.is_local()) return std::vector<Published>(1);
  std::set<std::uint16_t> taken;
  for (const auto& labels : others) {
    for (const auto name : {label::machine_port, label::api_port}) taken.insert(port_in(labels, name));
  }
  auto ports = ports_to_try(taken);
  if (port_in(own, label::machine_port) != 0) {
    ports = {port_in(own, label::machine_port), port_in(own, label::api_port)};
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

}  // namespace skiff::drivers::libvirt
