// SPDX-License-Identifier: Apache-2.0
// The end of a namespace, without the five seconds for which its controller lets API servers settle that are several.
#pragma once

#include <string>

#include "kube/client.h"

namespace skiff::kube {

// For a namespace that is being deleted: deletes all that is in it, of every kind that the API knows, and once nothing
// is left, takes its finalizer away, as its controller would later. Whether it came to that: what has not gone within
// `patience` is left to the controller, and so is a namespace while some kind cannot be asked for. Errors: those of the
// client.
Result<bool> finish_namespace(const Context& ctx, Client& client, const std::string& name, Duration patience);

}  // namespace skiff::kube
