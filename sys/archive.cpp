// SPDX-License-Identifier: Apache-2.0
#include "sys/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/unique_fd.h"

namespace skiff::sys {
namespace {

constexpr std::size_t block = 1 << 16;

std::string text(const char* bytes) { return bytes == nullptr ? std::string() : bytes; }

ArchiveEntry::Kind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return ArchiveEntry::Kind::hard_link;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return ArchiveEntry::Kind::file;
    case AE_IFDIR:
      return ArchiveEntry::Kind::folder;
    case AE_IFLNK:
      return ArchiveEntry::Kind::symlink;
    default:
      return ArchiveEntry::Kind::other;
  }
}

}  // namespace

struct ArchiveReader::Impl {
  explicit Impl(std::string source) : name(std::move(source)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { archive_read_free(handle); }

  std::string name;
  archive* handle = archive_read_new();
  UniqueFd fd;                  // of a file, or else
  Pieces pieces;                // where it comes from,
  std::string held;             // the piece that libarchive has just now,
  std::optional<Error> broken;  // and why there are no more

  Error damaged() const {
    if (broken) return *broken;
    return make_error(ErrorId::image_invalid,
                      name + " is no tar archive, or is damaged: " + text(archive_error_string(handle)));
  }

  static la_ssize_t more(archive* handle, void* self, const void** bytes) {
    auto& impl = *static_cast<Impl*>(self);
    auto piece = impl.pieces();
    if (!piece.ok()) {
      impl.broken = std::move(piece).error();
      archive_set_error(handle, EIO, "broken off");
      return ARCHIVE_FATAL;
    }
    impl.held = std::move(piece).value();
    *bytes = impl.held.data();
    return static_cast<la_ssize_t>(impl.held.size());
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::start(std::unique_ptr<Impl> impl) {
  archive* const handle = impl->handle;
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_zstd(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_filter_bzip2(handle);
  const int code = impl->pieces ? archive_read_open(handle, impl.get(), nullptr, &Impl::more, nullptr)
                                : archive_read_open_fd(handle, impl->fd.get(), block);
  if (code < ARCHIVE_WARN) return impl->damaged();
  return ArchiveReader(std::move(impl));
}

Result<ArchiveReader> ArchiveReader::open(const std::string& path) {
  auto impl = std::make_unique<Impl>(path);
  archive_read_support_format_tar(impl->handle);
  impl->fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!impl->fd) {
    const int code = errno;
    return make_error(code == EACCES || code == EPERM ? ErrorId::permission : ErrorId::host_error,
                      "Cannot read " + path + ": " + std::strerror(code));
  }
  return start(std::move(impl));
}

Result<ArchiveReader> ArchiveReader::open(Pieces pieces, const std::string& name) {
  auto impl = std::make_unique<Impl>(name);
  archive_read_support_format_tar(impl->handle);
  impl->pieces = std::move(pieces);
  return start(std::move(impl));
}

Result<ArchiveReader> ArchiveReader::open_compressed(Pieces pieces, const std::string& name) {
  auto impl = std::make_unique<Impl>(name);
  archive_read_support_format_raw(impl->handle);
  archive_read_support_format_empty(impl->handle);
  impl->pieces = std::move(pieces);
  return start(std::move(impl));
}

bool ArchiveReader::skips() const {
  return !impl_->pieces && archive_filter_code(impl_->handle, 0) == ARCHIVE_FILTER_NONE;
}

Result<std::optional<ArchiveEntry>> ArchiveReader::next() {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(impl_->handle, &entry);
  if (code == ARCHIVE_EOF) return std::optional<ArchiveEntry>();
  if (code < ARCHIVE_WARN) return impl_->damaged();
  ArchiveEntry found{.path = text(archive_entry_pathname(entry)),
                     .kind = kind_of(entry),
                     .size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, archive_entry_size(entry)))};
  while (found.path.starts_with("./")) found.path.erase(0, 2);
  found.link_target = found.kind == ArchiveEntry::Kind::hard_link ? text(archive_entry_hardlink(entry))
                                                                  : text(archive_entry_symlink(entry));
  return std::optional(std::move(found));
}

Result<std::string> ArchiveReader::read(std::size_t most) {
  std::string piece(most, '\0');
  const la_ssize_t size = archive_read_data(impl_->handle, piece.data(), piece.size());
  if (size < 0) return impl_->damaged();
  piece.resize(static_cast<std::size_t>(size));
  return piece;
}

}  // namespace skiff::sys
