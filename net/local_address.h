// SPDX-License-Identifier: Apache-2.0
// Which localhost address each LoadBalancer service gets: a pure function of what is wanted and what was before.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"

namespace skiff::net {

struct LocalPort {
  Protocol protocol = Protocol::tcp;
  std::uint16_t port = 0;
  auto operator<=>(const LocalPort&) const = default;
};

struct LocalService {
  std::string name;  // "default/web"; unique
  std::vector<LocalPort> ports;
  std::optional<Ipv4> wanted;  // an address that the service asks for
};

inline constexpr Ipv4 localhost{0x7F000001};

// Where a port of that address is listened on: for 127.0.0.1 also on ::1 where this host has it, as browsers ask
// "localhost" there first.
std::vector<ListenPoint> listen_points(Ipv4 address, const LocalPort& port);

using LocalAddresses = std::map<std::string, Ipv4>;  // by service name

struct LocalAllocation {
  LocalAddresses addresses;
  std::map<std::string, std::string> refused;  // services without an address, and why
};

// Whether somebody else has the port at that address: another program, not a forward of ours.
using Taken = std::function<bool(const ListenPoint&)>;

// One address per service, on which all of its ports are free; services share an address while their ports differ.
// Each keeps its previous address as long as that is possible, a wanted one is given or refused (outside 127.0.0.0/8,
// or taken), and the others get the first of 127.0.0.1, 127.0.0.2, ... that has room, in the order given. The same
// input gives the same output.
LocalAllocation allocate_local_addresses(std::span<const LocalService> services, const LocalAddresses& previous,
                                         const Taken& taken);

}  // namespace skiff::net
