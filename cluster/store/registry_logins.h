// SPDX-License-Identifier: Apache-2.0
// Logins for registries, as `docker login` leaves them on this host.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/context.h"

namespace skiff::cluster {

struct Login {
  std::string user;
  std::string password;
};
// By the registry as Docker writes it: "registry.lab:5000", "https://index.docker.io/v1/".
using Logins = std::map<std::string, Login>;

// The word for the file of this user's Docker, in place of a path.
inline constexpr std::string_view logins_of_docker = "docker";

// Those of a file like Docker's config.json; what it leaves to a helper ("credsStore", "credHelpers") the program
// docker-credential-<helper> is asked. A login by a token that kubelet cannot use is warned of and left out. Blocks,
// for ten seconds at most per helper. Errors: host_error (no such file, a helper that fails), config_invalid,
// tool_not_found.
Result<Logins> read_logins(const Context& ctx, const std::string& config);

// Pure. As kubelet reads them; empty when there are none.
std::string to_docker_config(const Logins& logins);
// Pure. That for an image by its full name; nothing when there is none.
std::optional<Login> login_for(const Logins& logins, std::string_view image);

}  // namespace skiff::cluster
