// SPDX-License-Identifier: Apache-2.0
// Asks cluster DNS a real question from inside a node: the proof that the service address, the proxy rules of that
// node, the pod network and the DNS server work together.
#pragma once

#include "drivers/driver.h"

namespace skiff::cluster {

// A DNS query over TCP (RFC 1035, 4.2.2: two bytes of length first) for the address of `name`.
std::string dns_query(std::string_view name);
// Does this answer (length included) carry at least one record and no error?
bool dns_answered(std::string_view answer);

// Asks until kubernetes.default.svc.<domain> has an address, or kube_timeout.
Result<void> wait_for_dns(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node, Ipv4 server,
                          const std::string& domain);

}  // namespace skiff::cluster
