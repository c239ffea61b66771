// SPDX-License-Identifier: Apache-2.0
// How much a node container is allowed. Nodes are privileged; some engines cannot grant that ("unable to apply caps":
// an old runtime on a kernel without CAP_SYS_RESOURCE), and there everything but that capability is asked for instead.
// What worked is remembered per daemon, in this process and in a file, so that the failing try happens once.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "drivers/docker/engine.h"

namespace skiff::drivers::docker {

enum class Privileges {
  full,
  all_but_resource,         // with the kernel's log, which the kubelet reads for out-of-memory events
  all_but_resource_and_log  // where the engine's host has no /dev/kmsg
};

// Adds the host configuration for `privileges` to a container's "HostConfig".
void grant(JsonObject& host_config, Privileges privileges);

// docker_unsupported where the engine itself runs without root: a node's kubelet needs cgroups and settings of the
// kernel that it could not give. Asks the engine.
Result<void> check_root(const Context& ctx, Engine& engine);

class PrivilegeChoice {
 public:
  // Runs `attempt` with what is known to work for this daemon. While nothing is known, tries the choices in turn; other
  // threads wait for that. A failed attempt must leave nothing behind.
  Result<void> with_privileges(const Context& ctx, Engine& engine,
                               const std::function<Result<void>(Privileges)>& attempt);

 private:
  std::mutex mutex_;  // held while the choice is found out
  std::optional<Privileges> known_;
};

}  // namespace skiff::drivers::docker
