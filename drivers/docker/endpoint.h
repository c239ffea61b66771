// SPDX-License-Identifier: Apache-2.0
// Where the Docker engine listens, found as the docker command finds it.
#pragma once

#include <optional>
#include <string>

#include "drivers/docker/ssh_tunnel.h"
#include "sys/net/http.h"

namespace skiff::drivers::docker {

struct Endpoint {
  std::string url;  // "unix:///var/run/docker.sock", for people
  sys::HttpTarget target;
  std::optional<SshTunnel> ssh = {};  // what leads from the target's socket to the engine's
};

// $DOCKER_HOST (with $DOCKER_TLS_VERIFY and $DOCKER_CERT_PATH), else the current context ($DOCKER_CONTEXT or
// ~/.docker/config.json), else the local socket. Errors: config_invalid, tool_not_found (no ssh).
Result<Endpoint> find_endpoint();

}  // namespace skiff::drivers::docker
