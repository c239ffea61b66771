// SPDX-License-Identifier: Apache-2.0
// Who has a port, as far as /proc shows it to this user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace skiff::net {

// "nginx (process 1234)", for error messages; empty when it cannot be found.
std::string port_owner(const ListenPoint& point);

// Inodes of the sockets in a /proc/net/{tcp,tcp6,udp,udp6} table that stand in the way of `point`: at its address or at
// a wildcard.
std::vector<std::string> blocking_sockets(std::string_view table, const ListenPoint& point);
// The same of this host's tables, which everybody may read.
std::vector<std::string> blocking_sockets(const ListenPoint& point);

}  // namespace skiff::net
