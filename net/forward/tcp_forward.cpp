// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <unordered_map>

#include "net/forward/forward.h"
#include "net/forward/stream_relay.h"
#include "net/forward/tcp_dial.h"
#include "net/forward/tcp_options.h"
#include "net/forward/tcp_relay.h"
#include "net/os_error.h"
#include "net/socket_address.h"

namespace skiff::net {
namespace {

constexpr int accepts_per_turn = 64;
constexpr Duration wait_for_descriptors = std::chrono::milliseconds(100);
constexpr Duration between_dials = std::chrono::milliseconds(50);  // of targets that are about to answer

// Those left are for the targets and pipes of the clients that are in. The lowest free number tells: all below it are
// taken.
bool few_descriptors_left(int any) {
  constexpr rlim_t reserve = 64;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const sys::UniqueFd lowest(::fcntl(any, F_DUPFD_CLOEXEC, 0));
  return !lowest || static_cast<rlim_t>(lowest.get()) >= limit.rlim_cur - std::min(reserve, limit.rlim_cur / 8);
}

class TcpForward final : public Forward, public EventLoop::Watcher {
 public:
  TcpForward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound, std::shared_ptr<RouteSource> routes)
      : parts_(parts), listener_(std::move(bound)), routes_(std::move(routes)), shunned_(parts.options.shun) {
    status_.at = at;
  }
  ~TcpForward() override {
    parts_.loop->unwatch(listener_.get());
    parts_.loop->cancel(resume_);
    for (const auto& [id, connection] : connections_) {
      parts_.loop->cancel(connection.again);
      reset_on_close(connection.client.get());
    }
  }

  Result<void> start() override { return parts_.loop->watch(listener_.get(), EPOLLIN, *this); }
  ForwardStatus status() const override { return status_; }

 private:
  // A client and what is done for it: first a target is dialled, then both are relayed.
  struct Connection {
    sys::UniqueFd client;
    Peer from;
    std::shared_ptr<TcpDial> dial;
    EventLoop::Timer again;       // when none took it, but may soon
    std::shared_ptr<void> relay;  // a TcpRelay or a StreamRelay
  };
  using Id = std::uint64_t;

  void ready(int, unsigned) override {
    for (int i = 0; i < accepts_per_turn; ++i) {
      if (few_descriptors_left(listener_.get())) return pause(EMFILE);
      SocketAddress from;
      sys::UniqueFd client(::accept4(listener_.get(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (client) {
        serve(std::move(client), to_peer(from));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return pause(errno);
      } else if (errno == EAGAIN) {
        return;
      }  // else that one connection broke before it was accepted
    }
  }

  // The clients stay in the kernel's queue until descriptors are free again.
  void pause(int code) {
    status_.last_error = "Cannot accept connections: " + os_message(code);
    parts_.loop->unwatch(listener_.get());
    resume_ = parts_.loop->after(wait_for_descriptors, [this] {
      if (auto watched = start(); !watched.ok()) pause(errno);
    });
  }

  void serve(sys::UniqueFd client, const Peer& from) {
    set_tcp_options(client.get());
    const Id id = ++status_.connections;
    ++status_.active;
    Connection& connection = connections_[id];
    connection.client = std::move(client);
    connection.from = from;
    dial(id);
  }

  void dial(Id id) {
    Connection& connection = connections_.at(id);
    auto route = routes_->resolve({status_.at, connection.from.address, connection.from.port});
    if (!route.ok()) return refuse(id, route.error());
    if (route->targets.empty()) return refuse(id, make_error(ErrorId::service_unreachable, "There is no target"));
    connection.dial = std::make_shared<TcpDial>(*parts_.loop, *parts_.relays, shunned_, parts_.options.connect_timeout,
                                                std::move(route->targets),
                                                [this, id, settling = route->settling](Result<Connected> target) {
                                                  if (target.ok()) return relay(id, std::move(target).value());
                                                  settling ? dial_again(id) : refuse(id, target.error());
                                                });
    connection.dial->start();
  }

  void dial_again(Id id) {
    Connection& connection = connections_.at(id);
    parts_.loop->destroy_later(std::move(connection.dial));
    connection.again = parts_.loop->after(between_dials, [this, id] { dial(id); });
  }

  void relay(Id id, Connected target) {
    Connection& connection = connections_.at(id);
    parts_.loop->destroy_later(std::move(connection.dial));
    const auto ended = [this, id](const auto& error) { finish(id, error); };
    const auto start = [&](auto relay) {
      connection.relay = relay;
      if (auto started = relay->start(); !started.ok()) finish(id, started.error().what);
    };
    if (auto* fd = std::get_if<sys::UniqueFd>(&target)) {
      return start(std::make_shared<TcpRelay>(*parts_.loop, parts_.pipes, std::move(connection.client), std::move(*fd),
                                              status_, ended));
    }
    start(std::make_shared<StreamRelay>(*parts_.loop, std::move(connection.client),
                                        std::move(std::get<Mux::Stream>(target)), status_, ended));
  }

  // A reset tells the client more than an orderly end without an answer would.
  void refuse(Id id, const Error& error) {
    reset_on_close(connections_.at(id).client.get());
    finish(id, error.what);
  }

  void finish(Id id, const std::optional<std::string>& error) {
    Connection connection = std::move(connections_.extract(id).mapped());
    parts_.loop->destroy_later(std::move(connection.dial));
    parts_.loop->destroy_later(std::move(connection.relay));
    --status_.active;
    if (!error) return;
    ++status_.failed;
    status_.last_error = *error;
  }

  ForwarderParts& parts_;
  sys::UniqueFd listener_;
  std::shared_ptr<RouteSource> routes_;
  Shunned shunned_;
  ForwardStatus status_;
  EventLoop::Timer resume_;
  std::unordered_map<Id, Connection> connections_;
};

}  // namespace

std::unique_ptr<Forward> make_tcp_forward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound,
                                          std::shared_ptr<RouteSource> routes) {
  return std::make_unique<TcpForward>(parts, at, std::move(bound), std::move(routes));
}

}  // namespace skiff::net
