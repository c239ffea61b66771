// SPDX-License-Identifier: Apache-2.0
// Node images on a libvirt host: kernel, initramfs and disk as volumes of the pool, and a small one that says that they
// are complete. A machine's own disk starts with the image's and holds what differs.
#pragma once

#include "drivers/driver.h"
#include "drivers/libvirt/storage.h"

namespace skiff::drivers::libvirt {

// As Driver::images and Driver::ensure_image.
Result<std::vector<NodeImage>> images(const Context& ctx, Connection& connection);
Result<void> ensure_image(const Context& ctx, Connection& connection, const NodeImage& image);
Result<void> drop_image(const Context& ctx, Connection& connection, const std::string& reference);

// Where the parts of an image that is complete lie, as paths on the libvirt host. image_not_found when it is not.
struct ImageFiles {
  std::string kernel, initrd, disk;
  std::int64_t disk_bytes = 0;
};
Result<ImageFiles> image_files(const Connection& connection, const Pool& pool, const std::string& reference);

}  // namespace skiff::drivers::libvirt
