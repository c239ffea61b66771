// SPDX-License-Identifier: Apache-2.0
// Where a forward listens and what it dials: plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/ip.h"

namespace skiff::net {

enum class Protocol { tcp, udp };
std::string_view to_string(Protocol protocol);           // "tcp", "udp"
Result<Protocol> parse_protocol(std::string_view text);  // in any case; usage when it is neither

// An IPv4 address, or "::1", the only IPv6 address that skiff listens on.
struct Address {
  Ipv4 v4;
  bool loopback6 = false;
  auto operator<=>(const Address&) const = default;
};
Result<Address> parse_address(std::string_view text);  // usage when it is neither
std::string to_string(const Address& address);
bool is_loopback(const Address& address);  // 127.0.0.0/8 or ::1

struct Endpoint {
  Ipv4 address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};
std::string to_string(const Endpoint& endpoint);  // "172.18.0.2:30100"

struct ListenPoint {
  Protocol protocol = Protocol::tcp;
  Address address;
  std::uint16_t port = 0;  // 0 = the kernel chooses
  auto operator<=>(const ListenPoint&) const = default;
};
std::string to_string(const ListenPoint& point);  // "127.0.0.1:80/tcp", "[::1]:53/udp"

}  // namespace skiff::net
