// SPDX-License-Identifier: Apache-2.0
// What this process may do without help.
#pragma once

#include <cstdint>
#include <string_view>

namespace skiff::net {

struct Rights {
  bool root = false;
  bool low_ports = false;                // CAP_NET_BIND_SERVICE is effective
  std::uint16_t first_free_port = 1024;  // ip_unprivileged_port_start: from here on everybody may listen

  bool may_bind(std::uint16_t port) const { return port == 0 || port >= first_free_port || low_ports; }
};

Rights rights_of_this_process();

// Whether the text of a /proc/<pid>/status has CAP_NET_BIND_SERVICE among its effective capabilities.
bool has_low_ports(std::string_view process_status);

}  // namespace skiff::net
