// SPDX-License-Identifier: Apache-2.0
// What the user said about the pods' network: `--cni` and the cluster file's `cni`.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/request/resolve.h"

namespace skiff::cluster {

// Whether `--cni` has this word for a network, or for what skiff has no network of; else it is the path of a file.
bool is_network_word(std::string_view text);

// Pure. `saved`: the cluster exists; it may be given manifests where it had no network, or had them before. usage,
// unsupported or profile_conflict.
Result<void> resolve_pod_network(ClusterSpec& spec, const StartRequest& request, bool saved);

// The objects of the network that this request brings; none when it brings no manifests.
Result<std::vector<Json>> network_objects(const StartRequest& request);

}  // namespace skiff::cluster
