// SPDX-License-Identifier: Apache-2.0
#include "net/forward/mux.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace skiff::net {
namespace {

constexpr std::size_t piece = 64UL * 1024;
constexpr std::size_t enough_queued = 512UL * 1024;  // then streams wait for the connection
constexpr int pieces_per_turn = 16;                  // then the loop's other work has its turn

Error connection_lost() { return make_error(ErrorId::network, "The connection to the node's relay has ended"); }

}  // namespace

void Mux::Stream::reset() {
  if (const auto mux = std::exchange(mux_, nullptr)) mux->drop(id_);
}

Mux::Mux(EventLoop& loop, sys::UniqueFd connection, std::function<void()> lost)
    : loop_(loop), connection_(std::move(connection)), lost_(std::move(lost)) {}

Mux::~Mux() { loop_.unwatch(connection_.get()); }

Result<void> Mux::start() { return loop_.watch(connection_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this); }

Mux::Stream Mux::open(Protocol protocol, std::string_view where, User& user) {
  const std::uint32_t id = ++last_id_;
  streams_.emplace(id, Open{&user, protocol == Protocol::udp});
  const std::string target = std::string(to_string(protocol)) + " " + std::string(where);
  append_frame(out_, {FrameKind::open, id, target});
  flush();
  return {shared_from_this(), id};
}

void Mux::fail(const Error& why) {
  const auto lost = std::exchange(lost_, nullptr);
  if (!lost) return;
  const auto self = shared_from_this();
  loop_.unwatch(connection_.get());
  while (!streams_.empty()) {
    User* user = streams_.begin()->second.user;
    streams_.erase(streams_.begin());
    user->broken(why);
  }
  lost();
}

void Mux::ready(int, unsigned events) {
  const auto self = shared_from_this();  // a user may let the last hold go
  if ((events & EPOLLOUT) != 0) flush();
  if ((events & ~static_cast<unsigned>(EPOLLOUT)) != 0) read();
}

void Mux::read() {
  std::array<char, piece> buffer;
  for (int i = 0; lost_ && i < pieces_per_turn; ++i) {
    const ssize_t count = ::recv(connection_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(connection_lost());
    frames_.feed({buffer.data(), static_cast<std::size_t>(count)});
    while (const auto frame = frames_.next()) take(*frame);
    if (frames_.broken()) return fail(connection_lost());
  }
  if (lost_) loop_.post([self = shared_from_this()] { self->read(); });
}

void Mux::take(const Frame& frame) {
  const auto found = streams_.find(frame.stream);
  if (found == streams_.end()) return;  // we have reset it, which the relay does not know yet
  Open& stream = found->second;
  User& user = *stream.user;
  switch (frame.kind) {
    case FrameKind::opened:
      return user.opened();
    case FrameKind::data:
      return user.received(frame.payload);
    case FrameKind::end:
      stream.got_end = true;
      return user.ended();
    case FrameKind::credit: {
      const bool had_none = stream.credit == 0;
      stream.credit += read_credit(frame.payload);
      return had_none ? user.may_send() : void();
    }
    case FrameKind::reset: {
      const Error why = make_error(ErrorId::network, std::string(frame.payload));
      streams_.erase(found);
      return user.broken(why);
    }
    case FrameKind::open:
      break;
  }
}

void Mux::flush() {
  while (lost_ && written_ < out_.size()) {
    const ssize_t count =
        ::send(connection_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      if (errno != EAGAIN) loop_.post([self = shared_from_this()] { self->fail(connection_lost()); });
      break;
    }
    written_ += static_cast<std::size_t>(count);
  }
  if (written_ == out_.size() || written_ > enough_queued) {
    out_.erase(0, written_);
    written_ = 0;
  }
  if (waiting_.empty() || out_.size() - written_ >= enough_queued / 2) return;
  // Each at its turn, later: their sending comes back to here.
  loop_.post([self = shared_from_this(), waiting = std::exchange(waiting_, {})] {
    for (const auto id : waiting) {
      if (const auto stream = self->streams_.find(id); stream != self->streams_.end()) stream->second.user->may_send();
    }
  });
}

std::size_t Mux::room(std::uint32_t id) {
  const auto stream = streams_.find(id);
  if (stream == streams_.end()) return 0;
  if (out_.size() - written_ >= enough_queued) {
    waiting_.insert(id);
    return 0;
  }
  return stream->second.udp ? piece : std::min(stream->second.credit, piece);
}

void Mux::send(std::uint32_t id, std::string_view bytes) {
  const auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  if (!stream->second.udp) stream->second.credit -= bytes.size();
  append_frame(out_, {FrameKind::data, id, bytes});
  flush();
}

void Mux::end(std::uint32_t id) {
  const auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  stream->second.sent_end = true;
  append_frame(out_, {FrameKind::end, id, {}});
  flush();
}

// Told in large pieces: half a window is always on its way.
void Mux::took(std::uint32_t id, std::size_t bytes) {
  const auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  stream->second.taken += bytes;
  if (stream->second.taken < stream_window / 4) return;
  append_credit(out_, id, std::exchange(stream->second.taken, 0));
  flush();
}

void Mux::drop(std::uint32_t id) {
  const auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  const bool orderly = stream->second.sent_end && stream->second.got_end;
  streams_.erase(stream);
  waiting_.erase(id);
  if (orderly) return;
  append_frame(out_, {FrameKind::reset, id, {}});
  flush();
}

}  // namespace skiff::net
