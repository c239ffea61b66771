// SPDX-License-Identifier: Apache-2.0
// Connected sockets as Streams. One thread may read a socket while another writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sys/net/stream.h"

namespace skiff::sys {

// Blocks until poll(2) reports one of `events`, a hang-up or an error on `fd`.
Result<void> wait_ready(const Context& ctx, int fd, short events);

class Socket final : public Stream {
 public:
  // Errors: permission (a socket that is not ours to open), network.
  static Result<std::unique_ptr<Socket>> connect_unix(const Context& ctx, const std::string& path);
  // A peer that takes nothing, or whose kernel is silent, for two minutes is a network error.
  static Result<std::unique_ptr<Socket>> connect_tcp(const Context& ctx, const std::string& host, std::uint16_t port);

  explicit Socket(int fd) : fd_(fd) {}  // takes ownership
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() override;

  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override;
  Result<void> write(const Context& ctx, std::string_view bytes) override;
  Result<void> close_write(const Context& ctx) override;
  int fd() const { return fd_; }
  // The address of the other end, without its port; empty for a unix socket.
  std::string peer_address() const;

 private:
  int fd_;
};

}  // namespace skiff::sys
