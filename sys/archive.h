// Reads tar archives, also those compressed with gzip, zstd, xz or bzip2. With pack.h the only user of libarchive.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace skiff::sys {

struct ArchiveEntry {
  enum class Kind { file, folder, symlink, hard_link, other };
  std::string path;  // as the archive has it, without a leading "./"
  Kind kind = Kind::file;
  std::uint64_t size = 0;
  std::string link_target = {};
};

// One pass over an archive on disk. Errors: image_invalid with libarchive's words for what is no archive, is cut off or
// damaged; permission and host_error for a file that cannot be opened.
class ArchiveReader {
 public:
  static Result<ArchiveReader> open(const std::string& path);
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) = delete;
  ~ArchiveReader();

  // The next entry, whatever was read of the one before; nothing at the end.
  Result<std::optional<ArchiveEntry>> next();
  // Up to `most` bytes of the entry's content; empty at its end.
  Result<std::string> read(std::size_t most);

 private:
  struct Impl;
  explicit ArchiveReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace skiff::sys
