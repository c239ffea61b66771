// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/publish.h"

#include <cstdlib>

namespace skiff::drivers {

std::vector<std::uint16_t> ports_to_try(const std::set<std::uint16_t>& taken) {
  // Below the ports that systems hand out by themselves (from 32768 on Linux).
  constexpr int first_port = 26443;
  constexpr int port_count = 100;
  std::vector<std::uint16_t> ports;
  for (int number = first_port; number < first_port + port_count; ++number) {
    const auto port = static_cast<std::uint16_t>(number);
    if (!taken.contains(port)) ports.push_back(port);
  }
  return ports;
}

bool is_loopback(std::string_view host) {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::uint16_t port_in(const Labels& labels, std::string_view name) {
  const auto found = labels.find(std::string(name));
  return found == labels.end() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::atoi(found->second.c_str()));
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  const std::string name(host);
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + std::to_string(port);
}

}  // namespace skiff::drivers
