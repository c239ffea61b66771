// SPDX-License-Identifier: Apache-2.0
// The node image as virtual machines need it: on a disk, with a kernel and its first process. Built on this host
// without root, from the node image and Debian's kernel for virtual machines.
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"
#include "model/versions.h"

namespace skiff::images {

// "skiff-machine:v1.37.2-<first 12 of the hash>": known without building anything. The hash covers the node image.
std::string machine_image_reference(std::string_view kubernetes = versions::kubernetes);

struct MachineFiles {
  std::string kernel;
  std::string initrd;
  std::string disk;  // ext4, raw, sparse: the least size of a node's disk
};
struct MachineImage {
  std::string reference;
  MachineFiles files;  // in the cache
  bool was_cached = false;
};

// As build_node_image(), which it calls first.
Result<MachineImage> build_machine_image(const Context& ctx, std::string_view kubernetes = versions::kubernetes);

// The files of a machine whose root file system is in `rootfs_tar`, into a folder that exists. Blocks for seconds.
Result<MachineFiles> write_machine(const Context& ctx, const std::string& rootfs_tar, const std::string& folder);

}  // namespace skiff::images
