// The addresses of a host name. Internal to sys/.
#pragma once

#include <netdb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/context.h"

namespace skiff::sys {

using Addresses = std::shared_ptr<addrinfo>;
using Resolver = std::function<int(const char*, const char*, const addrinfo*, addrinfo**)>;

// getaddrinfo(3), which may block for minutes and can be neither stopped nor given a limit: so it runs on a thread of
// its own, which is left behind when `ctx` ends first. A host that is an address needs neither. Errors: network,
// timeout, interrupted.
Result<Addresses> look_up(const Context& ctx, const std::string& host, std::uint16_t port,
                          const Resolver& resolver = ::getaddrinfo);

}  // namespace skiff::sys
