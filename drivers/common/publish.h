// SPDX-License-Identifier: Apache-2.0
// Ports of a provider's host that lead into nodes, for providers on another host, whose networks this one does not
// reach. skiff chooses them and notes them in labels: a provider would choose others at each start. They are bound at
// the address by which the provider was reached, never at all of its host's.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/naming.h"

namespace skiff::drivers {

// The ports worth trying, in order, but for those that are known to be taken.
std::vector<std::uint16_t> ports_to_try(const std::set<std::uint16_t>& taken);

// Whether a name or address of a provider's host leads back to this one; so does an empty one, that of a socket.
bool is_loopback(std::string_view host);

// The port that a label tells; 0 when there is none.
std::uint16_t port_in(const Labels& labels, std::string_view name);

// "host:port", an IPv6 address in brackets.
std::string host_and_port(std::string_view host, std::uint16_t port);

}  // namespace skiff::drivers
