// SPDX-License-Identifier: Apache-2.0
#include "net/line_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "net/os_error.h"
#include "sys/net/socket_stream.h"

namespace skiff::net {
namespace {

constexpr std::size_t most_descriptors = 4;  // that a peer may send with one piece of text

struct alignas(cmsghdr) ControlBytes {
  std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> bytes{};
};

void attach(msghdr& message, ControlBytes& control, int descriptor) {
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(sizeof descriptor);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
}

void collect(const msghdr& message, std::deque<sys::UniqueFd>& descriptors) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(descriptor);
    }
  }
}

}  // namespace

Result<void> LineSocket::send(const Context& ctx, std::string_view lines, int descriptor) {
  while (!lines.empty()) {
    iovec piece{const_cast<char*>(lines.data()), lines.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    ControlBytes control;
    if (descriptor >= 0) attach(message, control, descriptor);
    const ssize_t count = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      lines.remove_prefix(static_cast<std::size_t>(count));
      descriptor = -1;
    } else if (errno == EAGAIN) {
      TRY(sys::wait_ready(ctx, fd_.get(), POLLOUT));
    } else if (errno != EINTR) {
      return os_error(ErrorId::network, "Cannot send");
    }
  }
  return {};
}

Result<std::optional<LineSocket::Line>> LineSocket::receive(const Context& ctx) {
  std::size_t searched = 0;
  for (;;) {
    if (const auto end = received_.find('\n', searched); end != std::string::npos) {
      Line line{received_.substr(0, end), {}};
      received_.erase(0, end + 1);
      if (!descriptors_.empty()) {
        line.descriptor = std::move(descriptors_.front());
        descriptors_.pop_front();
      }
      return std::optional(std::move(line));
    }
    searched = received_.size();
    if (searched > longest_line_) return make_error(ErrorId::network, "A message is too long");
    if (!TRY(fill(ctx))) return std::optional<Line>();
  }
}

Result<bool> LineSocket::fill(const Context& ctx) {
  std::array<char, 16384> bytes;
  for (;;) {
    iovec piece{bytes.data(), bytes.size()};
    ControlBytes control;
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t count = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count >= 0) {
      collect(message, descriptors_);
      received_.append(bytes.data(), static_cast<std::size_t>(count));
      return count > 0;
    }
    if (errno == ECONNRESET) return false;
    if (errno == EAGAIN) {
      TRY(sys::wait_ready(ctx, fd_.get(), POLLIN));
    } else if (errno != EINTR) {
      return os_error(ErrorId::network, "Cannot receive");
    }
  }
}

Result<SocketPair> make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return os_error("Cannot make a socket pair");
  }
  return SocketPair{sys::UniqueFd(ends[0]), sys::UniqueFd(ends[1])};
}

}  // namespace skiff::net
