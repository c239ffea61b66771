// This host's own network, as far as skiff must know it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace skiff::sys {

// Destinations of this host's IPv4 routes (default left out) and of its interfaces, as "10.0.0.0/8" text.
std::vector<std::string> used_ranges();
// Name servers that a node can use: /etc/resolv.conf without loopback addresses, else systemd-resolved's upstream list.
std::vector<std::string> name_servers();
// The MTU of the interface that has the default route; 1500 when there is none.
int uplink_mtu();
// Whether an interface of this host has that IPv4 address.
bool is_own_address(const std::string& address);

}  // namespace skiff::sys
