// SPDX-License-Identifier: Apache-2.0
#include "net/forward/tcp_dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "net/forward/tcp_options.h"
#include "net/os_error.h"
#include "net/socket_address.h"

namespace skiff::net {

void Shunned::put_last(std::vector<Target>& targets) {
  std::erase_if(until_, [](const auto& entry) { return entry.second.passed(); });
  if (until_.empty()) return;
  std::vector<Target> first;
  std::vector<Target> last;
  for (auto& target : targets) (until_.contains(name_of(target)) ? last : first).push_back(std::move(target));
  std::move(last.begin(), last.end(), std::back_inserter(first));
  targets = std::move(first);
}

TcpDial::TcpDial(EventLoop& loop, NodeRelays& relays, Shunned& shunned, Duration timeout, std::vector<Target> targets,
                 Done done)
    : loop_(loop),
      relays_(relays),
      shunned_(shunned),
      timeout_(timeout),
      targets_(std::move(targets)),
      done_(std::move(done)) {
  shunned_.put_last(targets_);
}

TcpDial::~TcpDial() {
  leave();
  if (fd_) reset_on_close(fd_.get());
}

void TcpDial::leave() {
  loop_.cancel(timer_);
  if (fd_) loop_.unwatch(fd_.get());
}

void TcpDial::dial() {
  std::visit([this](const auto& target) { dial(target); }, targets_[next_]);
}

void TcpDial::dial(const Endpoint& endpoint) {
  const SocketAddress address = to_socket_address({{endpoint.address, false}, endpoint.port});
  fd_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return give_up(os_error("Cannot open a socket"));
  set_tcp_options(fd_.get());
  if (::connect(fd_.get(), address.get(), address.size) == 0) return succeed(std::move(fd_));
  if (errno != EINPROGRESS) return fail(os_error(ErrorId::network, to_string(endpoint)));
  if (auto watched = loop_.watch(fd_.get(), EPOLLOUT, *this); !watched.ok()) return give_up(std::move(watched).error());
  await(timeout_);
}

void TcpDial::dial(const NodeTarget& target) {
  auto opening = relays_.open(Protocol::tcp, target, *this);
  if (!opening.ok()) return give_up(std::move(opening).error());
  stream_ = std::move(*opening);
  await(timeout_ * 5);  // the relay may have to be started first
}

void TcpDial::await(Duration limit) {
  timer_ = loop_.after(limit, [this] { fail(os_error(ErrorId::network, name_of(targets_[next_]), ETIMEDOUT)); });
}

void TcpDial::opened() {
  leave();
  succeed(std::move(stream_));
}

void TcpDial::ready(int, unsigned) {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  leave();
  if (code != 0) return fail(os_error(ErrorId::network, name_of(targets_[next_]), code));
  succeed(std::move(fd_));
}

void TcpDial::succeed(Connected connected) {
  shunned_.forgive(targets_[next_]);
  done_(std::move(connected));
}

void TcpDial::give_up(Error error) {
  fd_.reset();
  done_(std::move(error));
}

void TcpDial::fail(Error error) {
  leave();
  fd_.reset();
  stream_.reset();
  shunned_.add(targets_[next_]);
  if (++next_ == targets_.size()) return done_(std::move(error));
  dial();
}

}  // namespace skiff::net
