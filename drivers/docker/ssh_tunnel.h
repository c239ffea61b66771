// SPDX-License-Identifier: Apache-2.0
// The way to a Docker engine of another machine through the user's own ssh: its configuration, keys, agent and known
// hosts. One ssh process, which all of this home's skiff processes share, carries any number of connections from a
// socket here to the engine's socket there, and ends by itself a minute after the last of them.
#pragma once

#include <string>

#include "base/context.h"

namespace skiff::drivers::docker {

struct SshTunnel {
  std::string destination;    // "ssh://ann@engine:22", as ssh takes it
  std::string engine_socket;  // on that machine
  std::string host;           // the name or address that ssh connects to, which its configuration may set
  std::string socket;         // on this one; `open` makes it
};

// The tunnel of "ssh://[user@]host[:port][/path/of/socket]"; starts nothing but a question to ssh about its
// configuration. Errors: config_invalid (no such URL), tool_not_found (no ssh).
Result<SshTunnel> ssh_tunnel(const std::string& url);

// Starts ssh where none carries that socket. Blocks until the socket is there. ssh may ask nothing, as nobody might be
// there to answer. Errors: docker_not_running with ssh's reason, permission, disk_full.
Result<void> open(const Context& ctx, const SshTunnel& tunnel);

// The address of that machine at which ssh reached it. Blocks; the tunnel is open. Errors: docker_not_running.
Result<std::string> address_there(const Context& ctx, const SshTunnel& tunnel);

}  // namespace skiff::drivers::docker
