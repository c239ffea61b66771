// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/loopback.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "net/socket_address.h"

namespace skiff::net::test {
namespace {

sys::UniqueFd make_socket(Protocol protocol) {
  sys::UniqueFd fd(::socket(AF_INET, (protocol == Protocol::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  const timeval limit{10, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return fd;
}

}  // namespace

Listener listen_on(Protocol protocol, int queue, std::uint16_t port) {
  Listener listener{make_socket(protocol), 0};
  const int on = 1;
  if (port != 0) ::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SocketAddress address = to_socket_address({{localhost, false}, port});
  EXPECT_EQ(::bind(listener.fd.get(), address.get(), address.size), 0);
  if (protocol == Protocol::tcp) ::listen(listener.fd.get(), queue);
  ::getsockname(listener.fd.get(), address.get(), &address.size);
  listener.port = to_peer(address).port;
  return listener;
}

std::uint16_t unused_port() { return listen_on().port; }

sys::UniqueFd connect_to(std::uint16_t port, Protocol protocol) {
  sys::UniqueFd fd = make_socket(protocol);
  const SocketAddress address = to_socket_address({{localhost, false}, port});
  if (::connect(fd.get(), address.get(), address.size) != 0) fd.reset();
  return fd;
}

sys::UniqueFd accept_from(const Listener& listener) {
  sys::UniqueFd fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_TRUE(fd);
  const timeval limit{10, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return fd;
}

void send_all(const sys::UniqueFd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_GT(count, 0) << std::generic_category().message(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string receive(const sys::UniqueFd& fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::recv(fd.get(), bytes.data() + have, size - have, 0);
    if (count <= 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

std::string receive_rest(const sys::UniqueFd& fd) {
  std::string bytes;
  for (std::string piece = receive(fd, 65536); !piece.empty(); piece = receive(fd, 65536)) bytes += piece;
  return bytes;
}

int error_of_next_read(const sys::UniqueFd& fd) {
  char byte = 0;
  const ssize_t count = ::recv(fd.get(), &byte, 1, 0);
  return count > 0 ? -1 : count == 0 ? 0 : errno;
}

std::string receive_datagram(const sys::UniqueFd& fd) {
  std::string bytes(65536, '\0');
  const ssize_t size = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
  EXPECT_GE(size, 0);
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

void answer_one(const Listener& server, std::string_view prefix) {
  std::string bytes(65536, '\0');
  SocketAddress from;
  const ssize_t size = ::recvfrom(server.fd.get(), bytes.data(), bytes.size(), 0, from.get(), &from.size);
  ASSERT_GE(size, 0);
  const std::string answer = std::string(prefix) + bytes.substr(0, static_cast<std::size_t>(size));
  ::sendto(server.fd.get(), answer.data(), answer.size(), 0, from.get(), from.size);
}

void end_writing(const sys::UniqueFd& fd) { ::shutdown(fd.get(), SHUT_WR); }

void reset(sys::UniqueFd fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = Deadline::in(std::chrono::minutes(1));  // under a sanitizer on a busy machine
  while (!condition()) {
    if (deadline.passed()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // a spin would take a processor from what it waits for
  }
  return true;
}

Result<Route> Routes::resolve(const Incoming& connection) {
  const std::lock_guard lock(mutex_);
  asked_ = connection;
  return Route{TRY(Result(targets_)), settling_};
}

void Routes::set(Result<std::vector<Target>> targets) {
  const std::lock_guard lock(mutex_);
  targets_ = std::move(targets);
}

void Routes::set_settling(bool settling) {
  const std::lock_guard lock(mutex_);
  settling_ = settling;
}

Incoming Routes::last_asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

Forwarded forward(std::shared_ptr<RouteSource> routes, Protocol protocol, const ForwarderOptions& options) {
  Forwarded out;
  out.forwarder = std::move(Forwarder::start(options)).value();
  out.at = out.forwarder->add({protocol, {localhost, false}, 0}, std::move(routes)).value();
  return out;
}

TempFolder::TempFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "skiff-net-XXXXXX";
  path_ = ::mkdtemp(pattern.data());
}

TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

void write_file(const std::string& path, std::string_view text, int mode) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), static_cast<mode_t>(mode));
}

std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(out).str();
}

}  // namespace skiff::net::test
