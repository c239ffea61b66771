// An image out of the user's Docker.
#pragma once

#include <string>
#include <vector>

#include "base/context.h"

namespace skiff::drivers::docker {

struct LocalImage {
  std::string id;                 // "sha256:..."
  std::vector<std::string> tags;  // as Docker shows them: "app:1"; none for an image without a name
};
// By name, id (also its beginning) or digest. image_not_found when this Docker has no such image; network when Docker
// cannot be reached.
Result<LocalImage> inspect_image(const Context& ctx, const std::string& image);

// Writes the images, with all their layers, as one archive to `file`. Blocks while it streams. Errors as above, and
// disk_full.
Result<void> save_images(const Context& ctx, const std::vector<std::string>& images, const std::string& file);

}  // namespace skiff::drivers::docker
