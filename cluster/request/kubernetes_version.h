// SPDX-License-Identifier: Apache-2.0
// Which version of Kubernetes is meant, and whether a cluster can go there from where it is. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cluster {

// "1.36", "v1.36.3", "stable" and "latest" as one of `available`, which has the newest first. unsupported, with the
// nearest, when there is none.
Result<std::string> choose_version(const std::string& text, const std::vector<std::string>& available);

// unsupported: back to an older version, or further than the next minor one. Kubernetes and etcd read what the minor
// version before them has stored, and no older (https://kubernetes.io/releases/version-skew-policy).
Result<void> check_upgrade(const std::string& from, const std::string& to);

}  // namespace skiff::cluster
