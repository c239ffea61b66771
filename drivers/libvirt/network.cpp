// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/network.h"

#include <bit>

#include "drivers/common/subnets.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/metadata.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/net/host_net.h"

namespace skiff::drivers::libvirt {

namespace {

struct Described {
  Network handle;
  std::string xml;
};

Result<std::vector<Described>> all_networks(const Context& ctx, Connection& connection) {
  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  std::vector<Described> networks;
  for (auto& handle :
       TRY(connection.list_all(conn, api.virConnectListAllNetworks, api.virNetworkFree, "list networks"))) {
    auto xml = connection.text(api.virNetworkGetXMLDesc(handle.get(), 0), "describe a network");
    if (xml.ok()) networks.push_back({std::move(handle), *std::move(xml)});  // else it has gone meanwhile
  }
  return networks;
}

Result<void> start(const Connection& connection, const Network& network) {
  if (connection.api().virNetworkIsActive(network.get()) == 1) return {};
  return connection.done(connection.api().virNetworkCreate(network.get()), "start the network");
}

Result<Cidr> keep(const Connection& connection, const Described& network, const ClusterSpec& spec, const Cidr& wanted) {
  const std::string name = network_name(spec);
  if (const Labels labels = labels_in(network.xml); cluster_in(labels) != identity_of(spec)) {
    return not_ours("The libvirt network '" + name + "'", labels, "Remove it with 'virsh net-undefine " + name + "'");
  }
  const Cidr range = range_in(network.xml).value_or(Cidr{});
  if (wanted != Cidr{} && wanted != range) {
    return make_error(ErrorId::subnet_conflict, "The network '" + name + "' already has the range " + to_string(range) +
                                                    ", not " + to_string(wanted));
  }
  TRY(start(connection, network.handle));
  return range;
}

Result<void> make(const Connection& connection, virConnectPtr conn, const std::string& xml) {
  const Library& api = connection.api();
  const Network network = TRY(
      connection.take(api.virNetworkDefineXML(conn, xml.c_str()), api.virNetworkFree, "make the cluster's network"));
  auto started = start(connection, network);
  if (!started.ok()) api.virNetworkUndefine(network.get());
  return started;
}

}  // namespace

std::optional<int> network_mtu(const Connection& connection) {
  return connection.is_local() ? std::optional(sys::uplink_mtu()) : std::nullopt;
}

std::optional<Cidr> range_in(std::string_view network_xml) {
  for (const auto& tag : find_tags(network_xml, "ip")) {
    const auto text = [&](std::string_view key) {
      const auto found = tag.find(key);
      return found == tag.end() ? std::string() : found->second;
    };
    std::string bits = text("prefix");
    if (const auto mask = parse_ipv4(text("netmask")); bits.empty() && mask.ok()) {
      bits = std::to_string(std::popcount(mask->value));
    }
    if (const auto range = parse_cidr(text("address") + "/" + bits); range.ok()) return *range;
  }
  return std::nullopt;
}

Result<Cidr> ensure_network(const Context& ctx, Connection& connection, const ClusterSpec& spec, const Cidr& wanted) {
  const auto conn = TRY(connection.open(ctx));
  TRY(sys::make_folders(sys::cache_folder()));
  // Two that look at once would choose the same range.
  const auto lock = TRY(sys::Lock::acquire(ctx, sys::cache_folder() + "/libvirt-network.lock", [] {}));
  std::vector<Cidr> taken = ranges_of(connection.is_local() ? sys::used_ranges() : std::vector<std::string>());
  for (const auto& network : TRY(all_networks(ctx, connection))) {
    const auto name = "<name>" + network_name(spec) + "</name>";
    if (network.xml.find(name) != std::string::npos) return keep(connection, network, spec, wanted);
    if (const auto range = range_in(network.xml)) taken.push_back(*range);
  }
  TRY(check_inner_ranges(spec, taken));
  Error last;
  bool name_server = !connection.is_local();
  for (const Cidr& range : TRY(free_subnets(spec, wanted, taken))) {
    TRY(ctx.check());
    auto made = make(connection, conn, network_xml(spec, range, network_mtu(connection), name_server));
    if (!made.ok() && name_server && made.error().what.find("dnsmasq") != std::string::npos) {
      ctx.events->warning("The libvirt host has no dnsmasq, so pods look up the cluster's own names alone");
      name_server = false;
      made = make(connection, conn, network_xml(spec, range, network_mtu(connection), name_server));
    }
    if (made.ok()) return range;
    last = made.error();
    // A range that only the libvirt host knows to be in use.
    if (last.what.find("already in use") == std::string::npos) return last;
  }
  last.id = ErrorId::subnet_conflict;
  return last;
}

Result<void> remove_networks(const Context& ctx, Connection& connection, const ClusterId& cluster) {
  const auto networks = TRY(all_networks(ctx, connection));
  const Library& api = connection.api();
  for (const auto& network : networks) {
    if (cluster_in(labels_in(network.xml)) != cluster) continue;
    if (api.virNetworkIsActive(network.handle.get()) == 1) {
      TRY(connection.done(api.virNetworkDestroy(network.handle.get()), "stop the network"));
    }
    if (api.virNetworkUndefine(network.handle.get()) < 0 && !connection.last_error_is(VIR_ERR_NO_NETWORK)) {
      return connection.failure("remove the network");
    }
  }
  return {};
}

}  // namespace skiff::drivers::libvirt
