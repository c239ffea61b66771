// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include "base/strings.h"

namespace skiff::net {

std::string_view to_string(Protocol protocol) { return protocol == Protocol::tcp ? "tcp" : "udp"; }

Result<Protocol> parse_protocol(std::string_view text) {
  const std::string lower = to_lower(text);
  if (lower == "tcp") return Protocol::tcp;
  if (lower == "udp") return Protocol::udp;
  return make_error(ErrorId::usage, "'" + std::string(text) + "' is not a protocol that can be forwarded",
                    "Use tcp or udp");
}

Result<Address> parse_address(std::string_view text) {
  if (text == "::1" || text == "[::1]") return Address{{}, true};
  return Address{TRY(parse_ipv4(text)), false};
}

std::string to_string(const Address& address) {
  return address.loopback6 ? std::string("::1") : skiff::to_string(address.v4);
}

bool is_loopback(const Address& address) { return address.loopback6 || address.v4.value >> 24 == 127; }

std::string to_string(const Endpoint& endpoint) {
  return skiff::to_string(endpoint.address) + ":" + std::to_string(endpoint.port);
}

std::string to_string(const ListenPoint& point) {
  const std::string host = point.address.loopback6 ? "[::1]" : skiff::to_string(point.address.v4);
  return host + ":" + std::to_string(point.port) + "/" + std::string(to_string(point.protocol));
}

}  // namespace skiff::net
