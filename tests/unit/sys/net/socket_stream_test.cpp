// SPDX-License-Identifier: Apache-2.0
#include "sys/net/socket_stream.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skiff::sys {
namespace {

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

TEST(SocketStream, APathThatGoesSilentIsNoticed) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::listen(listener, 1), 0);  // on a port that the kernel chooses
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  NoEvents events;
  const auto socket =
      Socket::connect_tcp({{}, Deadline::in(std::chrono::seconds(10)), &events}, "127.0.0.1", ntohs(address.sin_port));
  ASSERT_TRUE(socket.ok()) << socket.error().what;
  EXPECT_EQ(option((*socket)->fd(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option((*socket)->fd(), IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(option((*socket)->fd(), IPPROTO_TCP, TCP_USER_TIMEOUT), 120'000);
  ::close(listener);
}

}  // namespace
}  // namespace skiff::sys
