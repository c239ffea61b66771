// SPDX-License-Identifier: Apache-2.0
// Single layers of an image out of the user's Docker. Its API gives whole images only; but it pushes them to any
// registry by layers, the topmost first: skiff is that registry for a moment, and ends the push when it has what it
// wants.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/context.h"

namespace skiff::drivers::docker {

struct LayerFile {
  std::string path;
  std::uint64_t size = 0;  // in bytes
};
// The layers with these digests (of their uncompressed archives), each as a file in `folder`, which may get others too.
// The image has a second name in Docker meanwhile. Errors: unsupported where the engine is not of this host or does not
// keep images as layers; docker_error when it does not push them.
Result<std::map<std::string, LayerFile>> take_layers(const Context& ctx, const std::string& image,
                                                     const std::set<std::string>& wanted, const std::string& folder);

}  // namespace skiff::drivers::docker
