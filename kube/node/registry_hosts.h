// SPDX-License-Identifier: Apache-2.0
// What containerd reads about registries (hosts.toml), for each node the same. It reads it at every pull. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/file_tree.h"
#include "model/registries.h"

namespace skiff::kube {

// Files below /etc/containerd/certs.d, one per registry.
std::vector<TreeFile> registry_files(const Registries& registries);

}  // namespace skiff::kube
