// SPDX-License-Identifier: Apache-2.0
// What the user said about Kubernetes itself, into the settings that the cluster has.
#pragma once

#include "cluster/request/refusals.h"
#include "cluster/request/resolve.h"

namespace skiff::cluster {

// Pure. `saved`: the settings are those of a cluster that exists. usage; what cannot change goes to `refusals`.
Result<void> resolve_kubernetes(KubernetesSettings& settings, const KubernetesRequest& request, bool saved,
                                Refusals& refusals);

}  // namespace skiff::cluster
