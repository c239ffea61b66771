// SPDX-License-Identifier: Apache-2.0
// Waits until an addon works.
#pragma once

#include <string>

#include "addons/render.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Watches until every ready condition is reached and every probe is answered as it should be. addon_failed when the
// deadline passes, or earlier when a pod is beyond hope; its trail holds the pods' reasons and the last lines of their
// logs.
Result<void> verify_addon(const Context& ctx, LiveCluster& cluster, const std::string& addon,
                          const addons::Rendered& rendered);

}  // namespace skiff::cluster
