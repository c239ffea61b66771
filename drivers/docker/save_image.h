// An image out of the user's Docker.
#pragma once

#include <string>

#include "base/context.h"

namespace skiff::drivers::docker {

// Writes the image, with all its layers, as an archive to `file`. Blocks while it streams. image_not_found when this
// Docker has no such image; network when Docker cannot be reached.
Result<void> save_image(const Context& ctx, const std::string& image, const std::string& file);

}  // namespace skiff::drivers::docker
