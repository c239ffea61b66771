// SPDX-License-Identifier: Apache-2.0
// The part of resolve() that is about networks: the services' range, ports that are published, registries and
// the way to them.
#pragma once

#include "cluster/request/refusals.h"
#include "cluster/request/resolve.h"

namespace skiff::cluster {

// Pure. `saved`: the spec is that of a cluster that exists. usage; what cannot change goes to `refusals`.
Result<void> resolve_network(ClusterSpec& spec, const StartRequest& request, bool saved, Refusals& refusals);

}  // namespace skiff::cluster
