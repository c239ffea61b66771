// SPDX-License-Identifier: Apache-2.0
// Which feature gates each version of Kubernetes knows. A component that is given another one ends at once. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::cluster {

// Success also for versions that skiff does not build. Errors: usage, with the versions that know the gate, or the
// nearest name. `version` is like "v1.37.2".
Result<void> check_feature_gate_known(const std::string& gate, std::string_view version);

}  // namespace skiff::cluster
