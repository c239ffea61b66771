// SPDX-License-Identifier: Apache-2.0
#include "net/forward/tcp_relay.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "net/forward/tcp_options.h"
#include "net/os_error.h"

namespace skiff::net {
namespace {

constexpr std::size_t piece = 1 << 20;  // asked for at once; the pipe's slots limit what comes
constexpr int pieces_per_turn = 4;      // then the other connections have theirs
constexpr Duration wait_for_descriptors = std::chrono::milliseconds(100);
constexpr unsigned all_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

TcpRelay::TcpRelay(EventLoop& loop, PipePool& pipes, sys::UniqueFd client, sys::UniqueFd target,
                   ForwardStatus& counters, Ended ended)
    : loop_(loop),
      pipes_(pipes),
      client_{std::move(client)},
      target_{std::move(target)},
      up_{client_, target_, counters.sent},
      down_{target_, client_, counters.received},
      ended_(std::move(ended)) {}

TcpRelay::~TcpRelay() {
  if (!ended_) return;
  reset_on_close(client_.fd.get());
  reset_on_close(target_.fd.get());
  loop_.unwatch(client_.fd.get());
  loop_.unwatch(target_.fd.get());
}

Result<void> TcpRelay::start() {
  TRY(loop_.watch(client_.fd.get(), all_events, *this));
  return loop_.watch(target_.fd.get(), all_events, *this);
}

void TcpRelay::ready(int fd, unsigned events) {
  Side& side = fd == client_.fd.get() ? client_ : target_;
  if ((events & ~EPOLLOUT) != 0) side.readable = true;
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) side.writable = true;
  if ((events & EPOLLERR) != 0) lose(side);
  pump();
}

// A client that broke off wants nothing any more. What a target sent before it did, an early answer to a long request
// for instance, still goes to the client.
void TcpRelay::lose(const Side& side) {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(side.fd.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  error_ = os_message(code);
  give_up(up_);
  if (&side == &client_) give_up(down_);
}

void TcpRelay::pump() {
  if (!ended_) return;
  const auto up = pump(up_);
  const auto down = pump(down_);
  if (up_.ended && down_.ended) return end();
  if (up == Progress::busy || down == Progress::busy) {
    loop_.post([relay = weak_from_this()] {
      if (const auto alive = relay.lock()) alive->pump();
    });
  }
}

TcpRelay::Progress TcpRelay::pump(Direction& direction) {
  for (int i = 0; i < pieces_per_turn; ++i) {
    if (direction.held == 0 && !fill(direction)) {
      rest(direction);
      return Progress::waiting;
    }
    if (!drain(direction)) return Progress::waiting;
  }
  return Progress::busy;
}

// Only an empty pipe is filled: EAGAIN from splice() would not tell an empty socket from a full pipe.
bool TcpRelay::fill(Direction& direction) {
  while (!direction.ended && direction.from.readable && direction.to.writable) {
    if (!direction.pipe) direction.pipe = pipes_.take();
    if (!direction.pipe) {
      try_again_later();
      break;
    }
    const ssize_t count = ::splice(direction.from.fd.get(), nullptr, direction.pipe.in.get(), nullptr, piece,
                                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      direction.held = static_cast<std::size_t>(count);
      return true;
    }
    if (count == 0) {
      direction.ended = true;
      if (!error_) ::shutdown(direction.to.fd.get(), SHUT_WR);  // else a reset follows, which must not look orderly
    } else if (errno == EAGAIN) {
      direction.from.readable = false;
    } else if (errno != EINTR) {
      break_off(errno);
    }
  }
  return false;
}

// Descriptors come back when other connections rest or end; nothing tells when.
void TcpRelay::try_again_later() {
  loop_.cancel(again_);
  again_ = loop_.after(wait_for_descriptors, [relay = weak_from_this()] {
    if (const auto alive = relay.lock()) alive->pump();
  });
}

bool TcpRelay::drain(Direction& direction) {
  while (direction.held > 0 && direction.to.writable) {
    const ssize_t count = ::splice(direction.pipe.out.get(), nullptr, direction.to.fd.get(), nullptr, direction.held,
                                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      direction.held -= static_cast<std::size_t>(count);
      direction.bytes += static_cast<std::uint64_t>(count);
    } else if (errno == EAGAIN) {
      direction.to.writable = false;
    } else if (errno != EINTR) {
      error_ = os_message(errno);
      give_up(direction);
    }
  }
  return direction.held == 0;
}

void TcpRelay::rest(Direction& direction) {
  if (direction.pipe) pipes_.give_back(std::exchange(direction.pipe, {}));
}

void TcpRelay::give_up(Direction& direction) {
  direction.held = 0;
  direction.pipe = {};
  direction.ended = true;
}

void TcpRelay::break_off(int code) {
  error_ = os_message(code);
  give_up(up_);
  give_up(down_);
}

void TcpRelay::end() {
  if (error_) {
    reset_on_close(client_.fd.get());
    reset_on_close(target_.fd.get());
  }
  for (Side* side : {&client_, &target_}) {
    loop_.unwatch(side->fd.get());
    side->fd.reset();
  }
  const Ended ended = std::exchange(ended_, nullptr);
  ended(std::move(error_));
}

}  // namespace skiff::net
