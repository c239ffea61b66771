// SPDX-License-Identifier: Apache-2.0
// Whether what a path leads to can be decided by root alone, so that root's process may use the path although others
// run on the same host.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace skiff::net {

// Walks from "/" through every folder and every symlink of an absolute path, as the kernel would. Nothing when each
// belongs to root (or to `owner`) and nobody else may write to it; else the first part of which that is not so, or that
// is missing. Names in a sticky folder (/tmp) count as their owner's. What was found trusted stays so: who cannot write
// there now cannot exchange a part of it later either.
std::optional<std::string> part_that_others_may_change(const std::string& path, uid_t owner = 0);

}  // namespace skiff::net
