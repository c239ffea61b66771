// The tar format (POSIX.1-1988 ustar), as far as skiff writes it. Everything belongs to root and has time stamp zero,
// so that equal trees give equal bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skiff {

enum class TarKind : char { file = '0', link = '2', folder = '5' };

struct TarEntry {
  std::string path;  // relative; at most 255 bytes; ends with a slash for a folder
  TarKind kind = TarKind::file;
  int mode = 0644;
  std::size_t size = 0;          // of a file's content
  std::string link_target = {};  // at most 100 bytes
};

// The 512 bytes that stand before a file's content.
std::string tar_header(const TarEntry& entry);
// The zeros that fill `size` bytes of content up to whole blocks.
std::string tar_padding(std::size_t size);
// The two empty blocks at the end of an archive.
std::string tar_end();

}  // namespace skiff
