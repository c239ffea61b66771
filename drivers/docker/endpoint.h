// SPDX-License-Identifier: Apache-2.0
// Where the Docker engine listens, found as the docker command finds it.
#pragma once

#include <string>

#include "sys/net/http.h"

namespace skiff::drivers::docker {

struct Endpoint {
  std::string url;  // "unix:///var/run/docker.sock", for people
  sys::HttpTarget target;
};

// $DOCKER_HOST (with $DOCKER_TLS_VERIFY and $DOCKER_CERT_PATH), else the current context ($DOCKER_CONTEXT or
// ~/.docker/config.json), else the local socket. Errors: config_invalid, unsupported (ssh://).
Result<Endpoint> find_endpoint();

}  // namespace skiff::drivers::docker
