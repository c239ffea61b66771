// SPDX-License-Identifier: Apache-2.0
#include "net/listen.h"

#include <netinet/in.h>

#include "net/os_error.h"
#include "net/port_owner.h"
#include "net/socket_address.h"

namespace skiff::net {
namespace {

Error bind_error(const ListenPoint& point, int code) {
  const std::string where = to_string(point);
  switch (code) {
    case EADDRINUSE: {
      const std::string owner = port_owner(point);
      return make_error(ErrorId::port_in_use, where + " is taken by " + (owner.empty() ? "another program" : owner));
    }
    case EACCES:
      return make_error(ErrorId::permission, where + " is a privileged port, and this user may not listen there",
                        "Choose a port from 1024 up, or allow low ports to everybody with "
                        "'sudo sysctl net.ipv4.ip_unprivileged_port_start=" +
                            std::to_string(point.port) + "'");
    case EADDRNOTAVAIL:
      return make_error(ErrorId::usage, "This host has no address " + to_string(point.address),
                        "List its addresses with 'ip address'");
    default:
      return os_error("Cannot listen on " + where, code);
  }
}

}  // namespace

Result<sys::UniqueFd> bind_socket(const ListenPoint& point) {
  const bool tcp = point.protocol == Protocol::tcp;
  sys::UniqueFd fd(::socket(point.address.loopback6 ? AF_INET6 : AF_INET,
                            (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return bind_error(point, errno == EAFNOSUPPORT ? EADDRNOTAVAIL : errno);
  // Takes a port whose last connections still linger; for UDP it would let two programs share the port.
  const int on = 1;
  if (tcp) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const SocketAddress address = to_socket_address({point.address, point.port});
  if (::bind(fd.get(), address.get(), address.size) != 0) return bind_error(point, errno);
  if (tcp && ::listen(fd.get(), SOMAXCONN) != 0) return bind_error(point, errno);
  return fd;
}

bool is_taken(const ListenPoint& point) {
  const auto tried = bind_socket(point);
  if (tried.ok()) return false;
  // Of a privileged port the kernel says no more than that.
  return tried.error().id == ErrorId::port_in_use ||
         (tried.error().id == ErrorId::permission && !blocking_sockets(point).empty());
}

Result<ListenPoint> listen_point_of(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  SocketAddress address;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      ::getsockname(fd, address.get(), &address.size) != 0) {
    return os_error(ErrorId::usage, "Not a socket to listen on");
  }
  const Peer self = to_peer(address);
  return ListenPoint{type == SOCK_STREAM ? Protocol::tcp : Protocol::udp, self.address, self.port};
}

}  // namespace skiff::net
