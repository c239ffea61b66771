// SPDX-License-Identifier: Apache-2.0
// Reads tar archives, also those compressed with gzip, zstd, xz or bzip2. With pack.h the only user of libarchive.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "sys/files.h"

namespace skiff::sys {

struct ArchiveEntry {
  enum class Kind { file, folder, symlink, hard_link, other };
  std::string path;  // as the archive has it, without a leading "./"
  Kind kind = Kind::file;
  std::uint64_t size = 0;
  std::string link_target = {};
};

// One pass over the entries of something.
class EntryReader {
 public:
  virtual ~EntryReader() = default;
  // The next entry, whatever was read of the one before; nothing at the end.
  virtual Result<std::optional<ArchiveEntry>> next() = 0;
  // Up to `most` bytes of the entry's content; empty at its end.
  virtual Result<std::string> read(std::size_t most) = 0;
};

// Over an archive. Errors: image_invalid with libarchive's words for what is no archive, is cut off or damaged;
// permission and host_error for a file that cannot be opened; those of the pieces.
class ArchiveReader final : public EntryReader {
 public:
  static Result<ArchiveReader> open(const std::string& path);
  // What arrives in pieces; `name` is for errors. Reads the first ones.
  static Result<ArchiveReader> open(Pieces pieces, const std::string& name);
  // The content of a compressed stream that is no archive, or need not be one, as the only entry.
  static Result<ArchiveReader> open_compressed(Pieces pieces, const std::string& name);
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) = delete;
  ~ArchiveReader() override;

  // Skipping an entry costs nothing: a file on disk that is not compressed.
  bool skips() const;
  Result<std::optional<ArchiveEntry>> next() override;
  Result<std::string> read(std::size_t most) override;

 private:
  struct Impl;
  explicit ArchiveReader(std::unique_ptr<Impl> impl);
  static Result<ArchiveReader> start(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace skiff::sys
