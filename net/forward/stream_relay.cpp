// SPDX-License-Identifier: Apache-2.0
#include "net/forward/stream_relay.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "net/forward/tcp_options.h"
#include "net/os_error.h"

namespace skiff::net {
namespace {

constexpr std::size_t piece = 64UL * 1024;
constexpr int pieces_per_turn = 4;  // then the other connections have theirs

}  // namespace

StreamRelay::StreamRelay(EventLoop& loop, sys::UniqueFd client, Mux::Stream stream, ForwardStatus& counters,
                         Ended ended)
    : loop_(loop),
      client_(std::move(client)),
      stream_(std::move(stream)),
      counters_(counters),
      ended_(std::move(ended)) {}

StreamRelay::~StreamRelay() {
  if (!ended_) return;
  reset_on_close(client_.get());
  loop_.unwatch(client_.get());
}

Result<void> StreamRelay::start() {
  stream_.hand_to(*this);
  return loop_.watch(client_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
}

void StreamRelay::ready(int, unsigned events) {
  if ((events & EPOLLERR) != 0) {
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(client_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
    return break_off(os_message(code));
  }
  if ((events & ~static_cast<unsigned>(EPOLLOUT)) != 0) readable_ = true;
  if ((events & EPOLLOUT) != 0) pump_down();
  pump_up();
}

void StreamRelay::may_send() { pump_up(); }

void StreamRelay::pump_up() {
  std::array<char, piece> buffer;
  for (int i = 0; ended_ && readable_ && !up_ended_; ++i) {
    if (i == pieces_per_turn) {
      loop_.post([relay = weak_from_this()] {
        if (const auto alive = relay.lock()) alive->pump_up();
      });
      return;
    }
    const std::size_t room = std::min(stream_.room(), buffer.size());
    if (room == 0) return;
    const ssize_t count = ::recv(client_.get(), buffer.data(), room, MSG_DONTWAIT);
    if (count > 0) {
      counters_.sent += static_cast<std::uint64_t>(count);
      stream_.send({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0) {
      up_ended_ = true;
      stream_.end();
      end_if_done();
    } else if (errno == EAGAIN) {
      readable_ = false;
    } else if (errno != EINTR) {
      break_off(os_message(errno));
    }
  }
}

void StreamRelay::received(std::string_view bytes) {
  down_ += bytes;
  pump_down();
}

void StreamRelay::ended() {
  no_more_ = true;
  pump_down();
}

// What the target sent before still goes to the client.
void StreamRelay::broken(const Error& why) {
  error_ = why.what;
  up_ended_ = true;
  no_more_ = true;
  pump_down();
}

void StreamRelay::pump_down() {
  std::size_t sent = 0;
  while (ended_ && sent < down_.size()) {
    const ssize_t count = ::send(client_.get(), down_.data() + sent, down_.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return break_off(os_message(errno));
    }
  }
  if (sent > 0) {
    counters_.received += sent;
    down_.erase(0, sent);
    if (!error_) stream_.took(sent);
  }
  if (!no_more_ || down_ended_ || !down_.empty()) return;
  down_ended_ = true;
  if (!error_) ::shutdown(client_.get(), SHUT_WR);  // else a reset follows, which must not look orderly
  end_if_done();
}

void StreamRelay::break_off(std::string why) {
  error_ = std::move(why);
  up_ended_ = down_ended_ = true;
  end_if_done();
}

void StreamRelay::end_if_done() {
  if (!ended_ || !up_ended_ || !down_ended_) return;
  if (error_) reset_on_close(client_.get());
  loop_.unwatch(client_.get());
  client_.reset();
  stream_.reset();
  const Ended ended = std::exchange(ended_, nullptr);
  ended(std::move(error_));
}

}  // namespace skiff::net
