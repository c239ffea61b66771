// SPDX-License-Identifier: Apache-2.0
// A port of the control plane's node that the nodes' host publishes as one of its own: "127.0.0.1:8080:80/tcp".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff {

struct PublishedPort {
  std::string address;  // of the host, on which it listens: IPv4 or IPv6
  std::uint16_t host_port = 0;
  std::uint16_t node_port = 0;
  std::string protocol = "tcp";  // or "udp", "sctp"
  auto operator<=>(const PublishedPort&) const = default;
};
std::string to_string(const PublishedPort& port);  // an IPv6 address in brackets

// As Docker writes them: "8080:80", "127.0.0.1:8080:80/udp", "30000-30010:30000-30010"; `address` is that of those
// which name none. usage; also for "80" alone, of which the host's port would be another one after each start.
Result<std::vector<PublishedPort>> parse_published_ports(std::string_view text, const std::string& address);

}  // namespace skiff
