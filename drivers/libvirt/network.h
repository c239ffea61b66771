// SPDX-License-Identifier: Apache-2.0
// The cluster's own network: a bridge on the libvirt host, with addresses translated towards the outside.
#pragma once

#include "drivers/libvirt/connection.h"
#include "model/cluster_spec.h"

namespace skiff::drivers::libvirt {

// As Driver::ensure_network. On another host libvirt answers the machines' DNS questions, where it has dnsmasq.
Result<Cidr> ensure_network(const Context& ctx, Connection& connection, const ClusterSpec& spec, const Cidr& wanted);

// The MTU for the network and its machines: that of this host's uplink when they are here, else libvirt's default.
std::optional<int> network_mtu(const Connection& connection);

// Removes every network that carries the cluster's label.
Result<void> remove_networks(const Context& ctx, Connection& connection, const ClusterId& cluster);

// The IPv4 range in a network's description; nothing when it has none. Pure.
std::optional<Cidr> range_in(std::string_view network_xml);

}  // namespace skiff::drivers::libvirt
