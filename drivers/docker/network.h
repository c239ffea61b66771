// SPDX-License-Identifier: Apache-2.0
// The cluster's own bridge network.
#pragma once

#include "drivers/docker/engine.h"
#include "model/cluster_spec.h"

namespace skiff::drivers::docker {

// As Driver::ensure_network.
Result<Cidr> ensure_network(const Context& ctx, Engine& engine, const ClusterSpec& spec, const Cidr& wanted);

}  // namespace skiff::drivers::docker
