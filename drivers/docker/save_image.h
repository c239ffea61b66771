// SPDX-License-Identifier: Apache-2.0
// An image out of the user's Docker, and one into it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/json.h"

namespace skiff::drivers::docker {

struct LocalImage {
  std::string id;                 // "sha256:..."
  std::vector<std::string> tags;  // as Docker shows them: "app:1"; none for an image without a name
  Json about;                     // all that Docker tells of it
};
// By name, id (also its beginning) or digest. image_not_found, with the nearest name, when this Docker has no such
// image; network when Docker cannot be reached.
Result<LocalImage> inspect_image(const Context& ctx, const std::string& image);

// Whether images lie there as layers, as they are unpacked; else as the blobs that registries have.
Result<bool> keeps_layers(const Context& ctx);

// Gives the images, with all their layers, as an archive to `sink`, piece by piece. Blocks while it streams. Errors as
// above, and those of the sink.
Result<void> save_image(const Context& ctx, const std::vector<std::string>& images,
                        const std::function<Result<void>(std::string_view)>& sink);

// Brings the images of an archive file into this Docker, whose names they then are there. Errors as above; docker_error
// and disk_full with what Docker said.
Result<void> load_archive(const Context& ctx, const std::string& file);

}  // namespace skiff::drivers::docker
