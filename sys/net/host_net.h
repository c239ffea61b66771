// SPDX-License-Identifier: Apache-2.0
// This host's own network, as far as skiff must know it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace skiff::sys {

// Destinations of this host's IPv4 routes (default left out) and of its interfaces, as "10.0.0.0/8" text.
std::vector<std::string> used_ranges();

// How names are looked up, as far as a node or a pod can do it so too.
struct Resolver {
  std::vector<std::string> servers;
  std::vector<std::string> search;  // domains that short names are tried in
  bool operator==(const Resolver&) const = default;
};
// What a resolv.conf(5) says that is of use elsewhere: no loopback address and none with a scope ("fe80::1%eth0"),
// which mean something on their host alone; three servers at most, as the C library reads no more; as many search
// domains as Kubernetes takes (32 in 2048 characters) beside the cluster's own three.
Resolver parse_resolver(std::string_view resolv_conf);
// As a resolv.conf says it.
std::string render(const Resolver& resolver);
// Of the texts of /etc/resolv.conf and of systemd-resolved's list of upstream servers: the latter's servers where the
// former names none that others can use.
Resolver choose_resolver(std::string_view etc, std::string_view upstream);
// This host's.
Resolver resolver();

inline constexpr int ethernet_mtu = 1500;
// The MTU of the interface that has the default route in the text of a /proc/net/route, asked of `mtu_of`; at most that
// of Ethernet, and that where there is no such route or `mtu_of` does not know (0).
int uplink_mtu(const std::string& route_table, const std::function<int(const std::string& interface)>& mtu_of);
// This host's.
int uplink_mtu();
// Whether an interface of this host has that IPv4 address.
bool is_own_address(const std::string& address);

}  // namespace skiff::sys
