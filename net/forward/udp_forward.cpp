// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>

#include "net/forward/forward.h"
#include "net/os_error.h"
#include "net/socket_address.h"

namespace skiff::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int datagrams_per_turn = 64;
constexpr std::size_t longest_datagram = 65536;
constexpr Duration look_again =
    std::chrono::seconds(1);  // a flow asks at most so often whether its target still stands
constexpr Duration before_resending = std::chrono::milliseconds(50);  // to a target that is about to answer
constexpr std::size_t most_held = 16;                                 // datagrams of a flow

class UdpForward final : public Forward, public EventLoop::Watcher {
 public:
  UdpForward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound, std::shared_ptr<RouteSource> routes)
      : parts_(parts), socket_(std::move(bound)), routes_(std::move(routes)) {
    status_.at = at;
  }
  ~UdpForward() override {
    parts_.loop->cancel(expiry_);
    parts_.loop->unwatch(socket_.get());
    for (const auto& [fd, client] : clients_) parts_.loop->unwatch(fd);
    for (const auto& [client, flow] : flows_) parts_.loop->cancel(flow.again);
  }

  Result<void> start() override { return parts_.loop->watch(socket_.get(), EPOLLIN, *this); }
  ForwardStatus status() const override { return status_; }

 private:
  // A client's flow by way of a node. The forward must outlive it.
  struct Through final : Mux::User {
    UdpForward& forward;
    Peer client;
    Mux::Stream stream;
    Through(UdpForward& owner, const Peer& whose) : forward(owner), client(whose) {}
    void received(std::string_view datagram) override { forward.pass_down(client, datagram); }
    void broken(const Error& why) override { forward.give_up(forward.flows_.find(client), why.what); }
  };
  // What one client sends, and a socket or stream of its own towards the target, so that answers find their way back.
  struct Flow {
    sys::UniqueFd socket;
    std::shared_ptr<Through> through;
    std::string target;
    Clock::time_point used;
    Clock::time_point resolved;
    bool settling = false;          // until the target's first answer, the route being so:
    std::vector<std::string> held;  // what is sent anew should it refuse
    bool refused = false;           // and `again` will send it
    EventLoop::Timer again;
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
    pass_up(to_peer(from), {buffer_.data(), static_cast<std::size_t>(size)});
    return true;
  }

  void pass_up(const Peer& client, std::string_view datagram) {
    const auto found = flow_of(client);
    if (found == flows_.end()) return;
    Flow& flow = found->second;
    flow.used = Clock::now();
    if (flow.settling && flow.held.size() < most_held) flow.held.emplace_back(datagram);
    if (flow.through) {
      if (flow.through->stream.room() < datagram.size()) return;  // datagrams may be lost
      status_.sent += datagram.size();
      flow.through->stream.send(datagram);
    } else if (::send(flow.socket.get(), datagram.data(), datagram.size(), 0) >= 0) {
      status_.sent += datagram.size();
    } else if (errno != EAGAIN) {
      give_up(found, flow.target + ": " + os_message(errno));
    }
  }

  bool pass_down(int fd) {
    const auto client = clients_.find(fd);
    if (client == clients_.end()) return false;
    const ssize_t size = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    const auto flow = flows_.find(client->second);
    if (size < 0) {
      give_up(flow, flow->second.target + ": " + os_message(errno));
      return false;
    }
    pass_down(flow->first, {buffer_.data(), static_cast<std::size_t>(size)});
    return true;
  }

  void pass_down(const Peer& client, std::string_view datagram) {
    const auto flow = flows_.find(client);
    if (flow != flows_.end()) {
      flow->second.used = Clock::now();
      flow->second.settling = false;
      flow->second.held.clear();
    }
    const SocketAddress to = to_socket_address(client);
    if (::sendto(socket_.get(), datagram.data(), datagram.size(), 0, to.get(), to.size) >= 0) {
      status_.received += datagram.size();
    }
  }

  // The client's flow, towards a target that still stands; end() when there is none.
  Flows::iterator flow_of(const Peer& client) {
    const auto now = Clock::now();
    auto flow = flows_.find(client);
    if (flow != flows_.end() && now - flow->second.resolved < look_again) return flow;

    const auto route = routes_->resolve({status_.at, client.address, client.port});
    if (!route.ok()) return refuse(flow, route.error().what);
    const auto& targets = route->targets;
    if (targets.empty()) return refuse(flow, "There is no target");
    const auto same = [&](const Target& target) { return name_of(target) == flow->second.target; };
    if (flow != flows_.end() && std::any_of(targets.begin(), targets.end(), same)) {
      flow->second.resolved = now;
      return flow;
    }
    remove(flow);
    if (flows_.size() >= parts_.options.max_udp_flows) remove(longest_idle());
    auto opened = std::visit([&](const auto& target) { return open(client, target); }, targets.front());
    if (!opened.ok()) return refuse(flows_.end(), opened.error().what);
    if (flows_.empty()) expiry_ = parts_.loop->after(parts_.options.udp_idle, [this] { expire(); });
    ++status_.connections;
    ++status_.active;
    opened->target = name_of(targets.front());
    opened->used = opened->resolved = now;
    opened->settling = route->settling;
    return flows_.insert_or_assign(client, std::move(*opened)).first;
  }

  Result<Flow> open(const Peer& client, const Endpoint& target) {
    Flow flow;
    flow.socket.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const SocketAddress address = to_socket_address({{target.address, false}, target.port});
    if (!flow.socket || ::connect(flow.socket.get(), address.get(), address.size) != 0) {
      return os_error(to_string(target));
    }
    TRY(parts_.loop->watch(flow.socket.get(), EPOLLIN, *this));
    clients_[flow.socket.get()] = client;
    return flow;
  }

  Result<Flow> open(const Peer& client, const NodeTarget& target) {
    Flow flow;
    flow.through = std::make_shared<Through>(*this, client);
    flow.through->stream = TRY(parts_.relays->open(Protocol::udp, target, *flow.through));
    return flow;
  }

  Flows::iterator refuse(Flows::iterator flow, std::string why) {
    remove(flow);
    ++status_.failed;
    status_.last_error = std::move(why);
    return flows_.end();
  }

  // The target said that nobody listens: the client's next datagram looks for another. One that has only just come gets
  // the first datagrams anew, as it may be about to listen.
  void give_up(Flows::iterator flow, std::string why) {
    if (flow == flows_.end() || flow->second.held.empty()) return void(refuse(flow, std::move(why)));
    if (std::exchange(flow->second.refused, true)) return;
    flow->second.again = parts_.loop->after(before_resending, [this, client = flow->first] { send_again(client); });
  }

  void send_again(const Peer& client) {
    const auto flow = flows_.find(client);
    const auto held = std::move(flow->second.held);
    remove(flow);
    --status_.connections;  // it is still the same one
    for (const auto& datagram : held) pass_up(client, datagram);
  }

  void remove(Flows::iterator flow) {
    if (flow == flows_.end()) return;
    parts_.loop->cancel(flow->second.again);
    if (flow->second.socket) {
      parts_.loop->unwatch(flow->second.socket.get());
      clients_.erase(flow->second.socket.get());
    }
    if (auto& through = flow->second.through) {
      through->stream.reset();
      parts_.loop->destroy_later(std::move(through));  // it may be what calls
    }
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
  sys::UniqueFd socket_;
  std::shared_ptr<RouteSource> routes_;
  ForwardStatus status_;
  Flows flows_;
  std::map<int, Peer> clients_;  // by the flow's socket
  EventLoop::Timer expiry_;
  std::array<char, longest_datagram> buffer_;
};

}  // namespace

std::unique_ptr<Forward> make_udp_forward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound,
                                          std::shared_ptr<RouteSource> routes) {
  return std::make_unique<UdpForward>(parts, at, std::move(bound), std::move(routes));
}

}  // namespace skiff::net
