// The cluster's own network: a bridge on the libvirt host, with addresses translated towards the outside.
#pragma once

#include "drivers/libvirt/connection.h"
#include "model/cluster_spec.h"

namespace skiff::drivers::libvirt {

// As Driver::ensure_network.
Result<Cidr> ensure_network(const Context& ctx, Connection& connection, const ClusterSpec& spec, const Cidr& wanted);

// Removes every network that carries the cluster's label.
Result<void> remove_networks(const Context& ctx, Connection& connection, const ClusterId& cluster);

// The IPv4 range in a network's description; nothing when it has none. Pure.
std::optional<Cidr> range_in(std::string_view network_xml);

}  // namespace skiff::drivers::libvirt
