// SPDX-License-Identifier: Apache-2.0
// The addresses of a host name.
#pragma once

#include <netdb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/context.h"

namespace skiff::sys {

using Addresses = std::shared_ptr<addrinfo>;
using GetAddrInfo = std::function<int(const char*, const char*, const addrinfo*, addrinfo**)>;

// getaddrinfo(3), which may block for minutes and can be neither stopped nor given a limit: so it runs on a thread of
// its own, which is left behind when `ctx` ends first. A host that is an address needs neither. Errors: network,
// timeout, interrupted.
Result<Addresses> look_up(const Context& ctx, const std::string& host, std::uint16_t port,
                          const GetAddrInfo& resolver = ::getaddrinfo);

// The first IPv4 address of a host, as text; empty when it has none. Errors as look_up().
Result<std::string> ipv4_of(const Context& ctx, const std::string& host);

// An address as text, "192.0.2.1" or "fd00::1"; empty for what is none.
std::string address_text(const sockaddr* address, socklen_t size);

}  // namespace skiff::sys
