// SPDX-License-Identifier: Apache-2.0
// Folders of this host in node containers that run. A container's own mounts are fixed when it is made, so a helper
// container, which has the folders bound into it and sees the host's processes, moves clones of those binds into the
// nodes (`skiff-mount`, images/node/modules/mount).
#pragma once

#include "drivers/docker/engine.h"
#include "drivers/docker/privileges.h"
#include "drivers/driver.h"

namespace skiff::drivers::docker {

// As NodeVerbs::bind_folders.
Result<void> bind_folders(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const std::vector<NodeId>& nodes,
                          const std::vector<FolderMount>& folders);

}  // namespace skiff::drivers::docker
