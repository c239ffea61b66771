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
  std::string path;
  archive* handle = archive_read_new();
  UniqueFd fd;
  ~Impl() { archive_read_free(handle); }

  Error damaged() const {
    return make_error(ErrorId::image_invalid,
                      path + " is no tar archive, or is damaged: " + text(archive_error_string(handle)));
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  archive* const handle = impl->handle;
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_zstd(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_filter_bzip2(handle);
  archive_read_support_format_tar(handle);
  impl->fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!impl->fd) {
    const int code = errno;
    return make_error(code == EACCES || code == EPERM ? ErrorId::permission : ErrorId::host_error,
                      "Cannot read " + path + ": " + std::strerror(code));
  }
  if (archive_read_open_fd(handle, impl->fd.get(), block) < ARCHIVE_WARN) return impl->damaged();
  return ArchiveReader(std::move(impl));
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
