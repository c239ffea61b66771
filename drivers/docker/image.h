// SPDX-License-Identifier: Apache-2.0
// Node images in the engine, and the volume of hot files that goes with each.
//
// Docker may keep images on a slow file system (fuse-overlayfs), so the files that every start reads (binaries,
// unpacked images) lie on one volume per image, mounted read-only into every node. A container made from the image
// fills it once; that container stays, exited with 0, as the record that the volume is complete, and keeps it from
// being pruned.
#pragma once

#include "drivers/docker/engine.h"
#include "drivers/docker/privileges.h"
#include "drivers/driver.h"

namespace skiff::drivers::docker {

inline constexpr std::string_view hot_folder = "/skiff/hot";
std::string hot_volume_name(std::string_view image);  // "skiff-hot-<tag>"

// As Driver::images and Driver::ensure_image.
Result<std::vector<NodeImage>> images(const Context& ctx, Engine& engine);
Result<void> ensure_image(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const NodeImage& image);
Result<void> drop_image(const Context& ctx, Engine& engine, const std::string& reference);

}  // namespace skiff::drivers::docker
