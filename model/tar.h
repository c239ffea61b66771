// SPDX-License-Identifier: Apache-2.0
// The tar format (POSIX.1-1988 ustar, and POSIX.1-2001 pax for what does not fit into it), as far as skiff writes it.
// Everything belongs to root and has time stamp zero, so that equal trees give equal bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skiff {

enum class TarKind : char { file = '0', hard_link = '1', link = '2', folder = '5' };

struct TarEntry {
  std::string path;  // relative; ends with a slash for a folder
  TarKind kind = TarKind::file;
  int mode = 0644;
  std::uint64_t size = 0;  // of a file's content
  std::string link_target = {};
};

// What stands before a file's content: 512 bytes; more where a name, a link's target or the size is above ustar's
// limits (255 and 100 bytes, 8 GiB).
std::string tar_header(const TarEntry& entry);
// The zeros that fill `size` bytes of content up to whole blocks.
std::string tar_padding(std::uint64_t size);
// The two empty blocks at the end of an archive.
std::string tar_end();

}  // namespace skiff
