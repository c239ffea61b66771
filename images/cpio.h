// SPDX-License-Identifier: Apache-2.0
// The archive form in which a kernel takes its initramfs ("newc", docs.kernel.org/driver-api/early-userspace).
#pragma once

#include <string>
#include <string_view>

namespace skiff::images {

// One entry; a folder when `mode` says so (octal 040755), and before what lies in it.
std::string cpio_entry(std::string_view path, std::string_view content, unsigned mode);
std::string cpio_end();

}  // namespace skiff::images
