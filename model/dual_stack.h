// SPDX-License-Identifier: Apache-2.0
// The IPv6 side of a cluster of both families. All of it follows from the IPv4 ranges, below one unique local prefix,
// so that a profile need not keep it. Texts, as nothing computes with them. Pure.
#pragma once

#include <string>

#include "model/ip.h"

namespace skiff {

std::string nodes_range6(const Cidr& nodes);                    // 192.168.80.0/24: "fd73:6b69:c0a8:5000::/64"
std::string node_address6(const Cidr& nodes, Ipv4 address);     // 192.168.80.11: "fd73:6b69:c0a8:5000::b"
std::string pod_range6(const Cidr& pods);                       // 10.244.0.0/16: "fd73:6b69:af4::/48"
std::string pod_cidr6(const Cidr& pods, const Cidr& pod_cidr);  // 10.244.11.0/24: "fd73:6b69:af4:b00::/64"
std::string service_range6(const Cidr& services);               // 10.96.0.0/12: "fd73:6b69:a60:ffff::/112"

}  // namespace skiff
