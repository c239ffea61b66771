// SPDX-License-Identifier: Apache-2.0
#include "sys/net/socket_stream.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include "sys/net/name_lookup.h"

namespace skiff::sys {

namespace {

Error failure(int code, const std::string& what) {
  const bool refused = code == EACCES || code == EPERM;
  return make_error(refused ? ErrorId::permission : ErrorId::network, what + ": " + std::strerror(code));
}

// A stop request as something poll(2) can wait for.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : fd_(stop.stop_possible() ? eventfd(0, EFD_CLOEXEC) : -1), raise_(std::in_place, stop, Raise{fd_}) {}
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  ~StopEvent() {
    raise_.reset();  // waits for a callback that runs just now, which uses the descriptor
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  struct Raise {
    int fd;
    void operator()() const { eventfd_write(fd, 1); }
  };
  int fd_;
  std::optional<std::stop_callback<Raise>> raise_;
};

Result<std::unique_ptr<Socket>> connect_to(const Context& ctx, const sockaddr* address, socklen_t size,
                                           const std::string& name) {
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(errno, "Cannot open a socket");
  auto connected = std::make_unique<Socket>(fd);
  while (connect(fd, address, size) != 0) {
    if (errno == EISCONN) break;
    if (errno == EAGAIN) {  // a unix socket whose backlog is full: there is nothing to wait for
      TRY(ctx.pause(std::chrono::milliseconds(5)));
    } else if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) {
      TRY(wait_ready(ctx, fd, POLLOUT));
      int code = 0;
      socklen_t length = sizeof code;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length);
      if (code != 0) return failure(code, "Cannot connect to " + name);
    } else {
      return failure(errno, "Cannot connect to " + name);
    }
  }
  return connected;
}

// A path that has gone silent is noticed within two minutes, whether bytes are under way or not; the kernel's own
// limits are 15 minutes and never. Not sooner: the limit also ends a connection whose peer takes nothing for so long,
// as an engine may that is busy with its disk.
void set_options(int fd) {
  const auto set = [fd](int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);  // milliseconds; it limits the probes as well
}

}  // namespace

Result<void> wait_ready(const Context& ctx, int fd, short events) {
  const StopEvent stop(ctx.stop);
  std::array<pollfd, 2> watched{{{fd, events, 0}, {stop.fd(), POLLIN, 0}}};
  for (;;) {
    TRY(ctx.check());
    const int ready = poll(watched.data(), watched.size(), static_cast<int>(ctx.deadline.left().count()));
    if (ready < 0 && errno != EINTR) return failure(errno, "Cannot wait for a socket");
    if (ready > 0 && watched[0].revents != 0) return {};
  }
}

Result<std::unique_ptr<Socket>> Socket::connect_unix(const Context& ctx, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return make_error(ErrorId::network, "The socket path '" + path + "' is too long");
  }
  path.copy(address.sun_path, path.size());
  return connect_to(ctx, reinterpret_cast<const sockaddr*>(&address), sizeof address, path);
}

Result<std::unique_ptr<Socket>> Socket::connect_tcp(const Context& ctx, const std::string& host, std::uint16_t port) {
  const std::string name = host + ":" + std::to_string(port);
  const Addresses found = TRY(look_up(ctx, host, port));
  Error last = make_error(ErrorId::network, "No address for " + name);
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    auto connected = connect_to(ctx, each->ai_addr, each->ai_addrlen, name);
    if (connected.ok()) {
      set_options((*connected)->fd());
      return connected;
    }
    last = std::move(connected).error();
    if (last.id != ErrorId::network) break;
  }
  return last;
}

Socket::~Socket() { close(fd_); }

Result<std::size_t> Socket::read(const Context& ctx, std::span<char> buffer) {
  for (;;) {
    TRY(ctx.check());
    const ssize_t count = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      TRY(wait_ready(ctx, fd_, POLLIN));
    } else if (errno != EINTR) {
      return failure(errno, "Reading from a connection failed");
    }
  }
}

Result<void> Socket::write(const Context& ctx, std::string_view bytes) {
  while (!bytes.empty()) {
    TRY(ctx.check());
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      TRY(wait_ready(ctx, fd_, POLLOUT));
    } else if (errno != EINTR) {
      return failure(errno, "Writing to a connection failed");
    }
  }
  return {};
}

Result<void> Socket::close_write(const Context&) {
  if (shutdown(fd_, SHUT_WR) != 0 && errno != ENOTCONN) return failure(errno, "Ending a connection failed");
  return {};
}

std::string Socket::peer_address() const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
  return address_text(reinterpret_cast<const sockaddr*>(&peer), size);
}

}  // namespace skiff::sys
