// SPDX-License-Identifier: Apache-2.0
#include "net/helper/rights.h"

#include <unistd.h>

#include <charconv>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::net {

bool has_low_ports(std::string_view process_status) {
  constexpr std::string_view key = "CapEff:";
  constexpr unsigned net_bind_service = 10;  // capabilities(7)
  for (const auto& line : split(process_status, '\n')) {
    if (!line.starts_with(key)) continue;
    const auto digits = trim(std::string_view(line).substr(key.size()));
    std::uint64_t effective = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), effective, 16);
    return (effective >> net_bind_service & 1) != 0;
  }
  return false;
}

Rights rights_of_this_process() {
  Rights rights;
  rights.root = ::geteuid() == 0;
  rights.low_ports = has_low_ports(sys::read_file("/proc/self/status").value_or({}));
  const auto start = sys::read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  if (start.ok()) {
    const auto port = parse_int(trim(*start), "ip_unprivileged_port_start");
    if (port.ok()) rights.first_free_port = static_cast<std::uint16_t>(*port);
  }
  return rights;
}

}  // namespace skiff::net
