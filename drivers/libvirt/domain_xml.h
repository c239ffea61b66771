// SPDX-License-Identifier: Apache-2.0
// The descriptions that libvirt gets of a cluster's machines and network. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/common/naming.h"

namespace skiff::drivers::libvirt {

// Ports of the libvirt host that lead into a machine, by way of a second network card that leads nowhere else.
struct Published {
  std::string address;                                         // of the host
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ports;  // of the host, of the machine
};
// That card, as the machine is to set it up. A range that no other network has: link-local.
inline constexpr std::string_view publishing_mac = "52:54:00:fe:00:02";
inline constexpr std::string_view publishing_address = "169.254.244.15/24";

struct DomainPlan {
  std::string name;
  std::string uuid;  // of the domain that this replaces; empty for a new one
  Labels labels;
  std::int64_t memory_mib = 0;
  int cpus = 1;
  bool emulated = false;       // no hardware virtualisation: QEMU plays the processor
  std::int64_t tsc_khz = 0;    // of the host's time stamp counter, for emulated machines; 0 = unknown
  std::string kernel, initrd;  // paths on the libvirt host, as all that follow
  std::string disk, tree, console;
  std::string image_disk = {};  // of the image whose system the machine is to have when its disk began with another
  std::string network;
  std::string mac;
  Published published = {};  // no ports: no second card
};
std::string domain_xml(const DomainPlan& plan);

// Serial numbers by which the machine knows its disks (images/machine/init/root.go has the same).
inline constexpr std::string_view root_serial = "skiff-root";
inline constexpr std::string_view tree_serial = "skiff-tree";
inline constexpr std::string_view image_serial = "skiff-image";

// `mtu`: nothing = libvirt's default. `name_server`: libvirt answers DNS questions at the network's gateway, with the
// name servers of its host.
std::string network_xml(const ClusterSpec& spec, const Cidr& range, std::optional<int> mtu, bool name_server);

// A locally administered address that is the node's alone in its network: 52:54:00 is QEMU's, the rest the IPv4's.
std::string mac_of(Ipv4 address);

}  // namespace skiff::drivers::libvirt
