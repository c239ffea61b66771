// SPDX-License-Identifier: Apache-2.0
// What the user says of a cluster to `skiff start`: the settings of `skiff config`, a cluster file over them, and flags
// over both.
#pragma once

#include "cli/command.h"
#include "cluster/request/resolve.h"

namespace skiff::cli {

// usage; config_invalid for settings or a cluster file; host_error for a file that cannot be read.
Result<cluster::StartRequest> start_request(const Session& session, const Args& args);

}  // namespace skiff::cli
