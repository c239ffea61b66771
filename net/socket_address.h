// SPDX-License-Identifier: Apache-2.0
// Addresses as the socket calls want them. Internal to net/.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "net/address.h"

namespace skiff::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// An address with a port: the far end of a connection or flow.
struct Peer {
  Address address;
  std::uint16_t port = 0;
  auto operator<=>(const Peer&) const = default;
};

SocketAddress to_socket_address(const Peer& peer);
// IPv6 addresses other than ::1 come out as 0.0.0.0: skiff never listens where they could appear.
Peer to_peer(const SocketAddress& address);

}  // namespace skiff::net
