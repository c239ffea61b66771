// SPDX-License-Identifier: Apache-2.0
// The files of one folder as a tar that is compressed with zstd, and back.
#pragma once

#include <string>

#include "base/context.h"
#include "sys/archive.h"

namespace skiff::sys {

// Packs the regular files that lie in `folder` itself, by name, without owners and times: the same files give the same
// bytes. Blocks for seconds per gigabyte. host_error or disk_full; what was written then is the caller's to remove.
Result<void> pack_folder(const Context& ctx, const std::string& folder, const std::string& path);

// Writes the files of such an archive into an existing folder. image_invalid when it is damaged, or holds anything but
// files that lie in the folder itself.
Result<void> unpack_folder(const Context& ctx, const std::string& path, const std::string& folder);

// Writes the content of the entry that `archive` is at, under a name of its own. Errors of reading, and disk_full.
Result<void> save_entry(const Context& ctx, ArchiveReader& archive, const std::string& path, int mode);

}  // namespace skiff::sys
