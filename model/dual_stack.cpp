// SPDX-License-Identifier: Apache-2.0
#include "model/dual_stack.h"

#include <array>
#include <cstdio>

namespace skiff {
namespace {

std::string hex(std::uint32_t value) {
  std::array<char, 9> text;
  std::snprintf(text.data(), text.size(), "%x", value);
  return text.data();
}
std::string high(const Cidr& range) { return hex(range.base.value >> 16); }
std::string low(const Cidr& range) { return hex(range.base.value & 0xffff); }

// RFC 4193, with the letters "ski".
constexpr auto prefix = "fd73:6b69:";

}  // namespace

std::string nodes_range6(const Cidr& nodes) { return prefix + high(nodes) + ":" + low(nodes) + "::/64"; }
std::string node_address6(const Cidr& nodes, Ipv4 address) {
  return prefix + high(nodes) + ":" + low(nodes) + "::" + hex(address.value - nodes.base.value);
}
std::string pod_range6(const Cidr& pods) { return prefix + high(pods) + "::/48"; }
std::string pod_cidr6(const Cidr& pods, const Cidr& pod_cidr) {
  return prefix + high(pods) + ":" + low(pod_cidr) + "::/64";
}
// The last of the /64 ranges below the first half of its address: no node has it.
std::string service_range6(const Cidr& services) { return prefix + high(services) + ":ffff::/112"; }

}  // namespace skiff
