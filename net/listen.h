// SPDX-License-Identifier: Apache-2.0
// Sockets that listen.
#pragma once

#include "net/address.h"
#include "sys/unique_fd.h"

namespace skiff::net {

// A bound socket, for TCP a listening one. Errors: port_in_use (names the program that has it when that can be found),
// permission (a port below ip_unprivileged_port_start), usage (an address that this host does not have).
Result<sys::UniqueFd> bind_socket(const ListenPoint& point);

// Whether another socket has the port, also where this user may not listen himself.
bool is_taken(const ListenPoint& point);

// Where a bound socket listens; the port that the kernel chose is in it. Usage when it is no such socket.
Result<ListenPoint> listen_point_of(int fd);

}  // namespace skiff::net
