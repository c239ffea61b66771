#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>

#include "net/forward.h"
#include "net/os_error.h"
#include "net/socket_address.h"

namespace skiff::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int datagrams_per_turn = 64;
constexpr std::size_t longest_datagram = 65536;
constexpr Duration look_again =
    std::chrono::seconds(1);  // a flow asks at most so often whether its target still stands

class UdpForward final : public Forward, public EventLoop::Watcher {
 public:
  UdpForward(ForwarderParts& parts, const ListenPoint& at, UniqueFd bound, std::shared_ptr<RouteSource> routes)
      : parts_(parts), socket_(std::move(bound)), routes_(std::move(routes)) {
    status_.at = at;
  }
  ~UdpForward() override {
    parts_.loop->cancel(expiry_);
    parts_.loop->unwatch(socket_.get());
    for (const auto& [fd, client] : clients_) parts_.loop->unwatch(fd);
  }

  Result<void> start() override { return parts_.loop->watch(socket_.get(), EPOLLIN, *this); }
  ForwardStatus status() const override { return status_; }

 private:
  // What one client sends, and a socket of its own towards the target, so that answers find their way back.
  struct Flow {
    UniqueFd socket;
    Endpoint target;
    Clock::time_point used;
    Clock::time_point resolved;
  };
  using Flows = std::map<Peer, Flow>;

  void ready(int fd, unsigned) override {
    for (int i = 0; i < datagrams_per_turn; ++i) {
      if (!(fd == socket_.get() ? pass_up() : pass_down(fd))) return;
    }
  }

  bool pass_up() {
    SocketAddress from;
    const ssize_t size = ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0, from.get(), &from.size);
    if (size < 0) return errno == EINTR;
    const Peer client = to_peer(from);
    const auto flow = flow_of(client);
    if (flow == flows_.end()) return true;
    flow->second.used = Clock::now();
    if (::send(flow->second.socket.get(), buffer_.data(), static_cast<std::size_t>(size), 0) >= 0) {
      status_.sent += static_cast<std::uint64_t>(size);
    } else if (errno != EAGAIN) {
      give_up(flow, errno);
    }
    return true;
  }

  bool pass_down(int fd) {
    const auto client = clients_.find(fd);
    if (client == clients_.end()) return false;
    const ssize_t size = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    const auto flow = flows_.find(client->second);
    if (size < 0) {
      give_up(flow, errno);
      return false;
    }
    flow->second.used = Clock::now();
    const SocketAddress to = to_socket_address(flow->first);
    if (::sendto(socket_.get(), buffer_.data(), static_cast<std::size_t>(size), 0, to.get(), to.size) >= 0) {
      status_.received += static_cast<std::uint64_t>(size);
    }
    return true;
  }

  // The client's flow, towards a target that still stands; end() when there is none.
  Flows::iterator flow_of(const Peer& client) {
    const auto now = Clock::now();
    auto flow = flows_.find(client);
    if (flow != flows_.end() && now - flow->second.resolved < look_again) return flow;

    const auto targets = endpoints_for(client);
    if (!targets.ok()) return refuse(flow, targets.error().what);
    if (flow != flows_.end() && std::find(targets->begin(), targets->end(), flow->second.target) != targets->end()) {
      flow->second.resolved = now;
      return flow;
    }
    remove(flow);
    return open(client, targets->front(), now);
  }

  Result<std::vector<Endpoint>> endpoints_for(const Peer& client) {
    const auto targets = TRY(routes_->resolve({status_.at, client.address, client.port}));
    std::vector<Endpoint> endpoints;
    for (const auto& target : targets) {
      if (const auto* endpoint = std::get_if<Endpoint>(&target)) endpoints.push_back(*endpoint);
    }
    if (!endpoints.empty()) return endpoints;
    return make_error(ErrorId::service_unreachable,
                      targets.empty() ? "There is no target" : "UDP needs nodes that this host can reach");
  }

  Flows::iterator open(const Peer& client, const Endpoint& target, Clock::time_point now) {
    if (flows_.size() >= parts_.options.max_udp_flows) remove(longest_idle());
    UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const SocketAddress address = to_socket_address({{target.address, false}, target.port});
    if (!socket || ::connect(socket.get(), address.get(), address.size) != 0) {
      return refuse(flows_.end(), to_string(target) + ": " + os_message(errno));
    }
    if (auto watched = parts_.loop->watch(socket.get(), EPOLLIN, *this); !watched.ok()) {
      return refuse(flows_.end(), watched.error().what);
    }
    if (flows_.empty()) expiry_ = parts_.loop->after(parts_.options.udp_idle, [this] { expire(); });
    clients_[socket.get()] = client;
    ++status_.connections;
    ++status_.active;
    return flows_.insert_or_assign(client, Flow{std::move(socket), target, now, now}).first;
  }

  Flows::iterator refuse(Flows::iterator flow, std::string why) {
    remove(flow);
    ++status_.failed;
    status_.last_error = std::move(why);
    return flows_.end();
  }

  // The target said that nobody listens: the client's next datagram looks for another.
  void give_up(Flows::iterator flow, int code) {
    refuse(flow, to_string(flow->second.target) + ": " + os_message(code));
  }

  void remove(Flows::iterator flow) {
    if (flow == flows_.end()) return;
    parts_.loop->unwatch(flow->second.socket.get());
    clients_.erase(flow->second.socket.get());
    flows_.erase(flow);
    --status_.active;
    if (flows_.empty()) parts_.loop->cancel(expiry_);
  }

  Flows::iterator longest_idle() {
    return std::min_element(flows_.begin(), flows_.end(),
                            [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  }

  void expire() {
    const auto limit = Clock::now() - parts_.options.udp_idle;
    while (!flows_.empty() && longest_idle()->second.used <= limit) remove(longest_idle());
    if (flows_.empty()) return;
    const auto next = std::chrono::ceil<Duration>(longest_idle()->second.used - limit);
    expiry_ = parts_.loop->after(next, [this] { expire(); });
  }

  ForwarderParts& parts_;
  UniqueFd socket_;
  std::shared_ptr<RouteSource> routes_;
  ForwardStatus status_;
  Flows flows_;
  std::map<int, Peer> clients_;  // by the flow's socket
  EventLoop::Timer expiry_;
  std::array<char, longest_datagram> buffer_;
};

}  // namespace

std::unique_ptr<Forward> make_udp_forward(ForwarderParts& parts, const ListenPoint& at, UniqueFd bound,
                                          std::shared_ptr<RouteSource> routes) {
  return std::make_unique<UdpForward>(parts, at, std::move(bound), std::move(routes));
}

}  // namespace skiff::net
