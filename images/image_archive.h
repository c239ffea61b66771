// SPDX-License-Identifier: Apache-2.0
// Container images as archives that `docker load`, `ctr images import` and skiff's own image load understand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::images {

struct ImageConfig {
  std::string reference;  // "skiff.dev/hello:1"
  std::vector<std::string> entrypoint;
  std::vector<std::string> command = {};  // what runs when the user names nothing else
};

// Writes an image of one layer, the root file system in `layer_tar`, to `path`. Equal layers give equal archives.
Result<void> write_image_archive(const std::string& path, const ImageConfig& config, const std::string& layer_tar);

}  // namespace skiff::images
