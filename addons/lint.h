// SPDX-License-Identifier: Apache-2.0
// What is wrong with an addon that can be seen without a cluster. Pure.
#pragma once

#include <vector>

#include "addons/addon.h"

namespace skiff::addons {

// Renders the addon with its defaults and looks for images that it does not declare, workloads that nobody waits for,
// and whatever render() refuses. Empty when all is well.
std::vector<Error> lint(const Addon& addon);

}  // namespace skiff::addons
