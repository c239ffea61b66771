// SPDX-License-Identifier: Apache-2.0
#include "sys/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include "sys/files.h"

namespace skiff::sys {
namespace {

constexpr std::size_t piece_size = 1 << 20;

using Writer = std::unique_ptr<archive, int (*)(archive*)>;
using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

Error cannot_write(archive* writer, const std::string& path) {
  const char* const why = archive_error_string(writer);
  return make_error(archive_errno(writer) == ENOSPC ? ErrorId::disk_full : ErrorId::host_error,
                    "Cannot write " + path + (why == nullptr ? std::string() : ": " + std::string(why)));
}

Result<void> add_file(const Context& ctx, archive* writer, const std::string& file, const std::string& path) {
  const auto pieces = TRY(pieces_of(file));
  struct stat facts = {};
  if (::stat(file.c_str(), &facts) != 0) return make_error(ErrorId::host_error, "Cannot read " + file);
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), std::filesystem::path(file).filename().c_str());
  archive_entry_set_size(entry.get(), facts.st_size);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), facts.st_mode & 0755);
  if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) return cannot_write(writer, path);
  for (auto piece = TRY(pieces()); !piece.empty(); piece = TRY(pieces())) {
    TRY(ctx.check());
    if (archive_write_data(writer, piece.data(), piece.size()) < 0) return cannot_write(writer, path);
  }
  return {};
}

}  // namespace

Result<void> pack_folder(const Context& ctx, const std::string& folder, const std::string& path) {
  const Writer writer(archive_write_new(), archive_write_free);
  archive_write_set_format_pax_restricted(writer.get());
  archive_write_add_filter_zstd(writer.get());
  archive_write_set_filter_option(writer.get(), "zstd", "compression-level", "9");
  if (archive_write_open_filename(writer.get(), path.c_str()) != ARCHIVE_OK) return cannot_write(writer.get(), path);
  for (const auto& name : list_folder(folder)) {
    const std::string file = folder + '/' + name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) TRY(add_file(ctx, writer.get(), file, path));
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return cannot_write(writer.get(), path);
  return {};
}

Result<void> unpack_folder(const Context& ctx, const std::string& path, const std::string& folder) {
  auto reader = TRY(ArchiveReader::open(path));
  while (const auto entry = TRY(reader.next())) {
    if (entry->kind != ArchiveEntry::Kind::file || entry->path.find('/') != std::string::npos || entry->path == "..") {
      return make_error(ErrorId::image_invalid, path + " holds '" + entry->path + "', which does not belong there");
    }
    TRY(save_entry(ctx, reader, folder + '/' + entry->path, 0644));
  }
  return {};
}

Result<void> save_entry(const Context& ctx, ArchiveReader& archive, const std::string& path, int mode) {
  std::ofstream out(path, std::ios::binary);
  for (std::string piece = TRY(archive.read(piece_size)); !piece.empty(); piece = TRY(archive.read(piece_size))) {
    TRY(ctx.check());
    out << piece;
  }
  out.close();
  if (!out || ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
    return make_error(ErrorId::disk_full, "Cannot write " + path);
  }
  return {};
}

}  // namespace skiff::sys
