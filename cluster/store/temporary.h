// SPDX-License-Identifier: Apache-2.0
// Files that live as long as one command: <skiff_home>/tmp/.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::cluster {

// A path that nothing has yet, for a file or folder; `kind` begins its name. Those of processes that are no more, which
// were killed, are removed first. Errors: disk_full, permission, host_error.
Result<std::string> temporary_path(std::string_view kind);

}  // namespace skiff::cluster
