// SPDX-License-Identifier: Apache-2.0
// Takes away what skiff has made on this host beside clusters.
#pragma once

#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// Removes settings, logs, locks and what was built from the home, and the home itself when nothing else is in it; what
// was found in it that is not skiff's. A cache that lies elsewhere, and node images in the drivers, which other homes
// may use, stay. For a home without clusters: profile_conflict otherwise.
Result<std::vector<std::string>> purge(const Home& home);

}  // namespace skiff::cluster
