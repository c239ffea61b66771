// SPDX-License-Identifier: Apache-2.0
#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace skiff::net {

SocketAddress to_socket_address(const Peer& peer) {
  SocketAddress out;
  if (peer.address.loopback6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_port = htons(peer.port);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(peer.address.v4.value);
    v4.sin_port = htons(peer.port);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  }
  return out;
}

Peer to_peer(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    return {{{}, IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0}, ntohs(v6.sin6_port)};
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &address.storage, sizeof v4);
  return {{{ntohl(v4.sin_addr.s_addr)}, false}, ntohs(v4.sin_port)};
}

}  // namespace skiff::net
