// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/parallel.h"

namespace skiff::cluster {
namespace {

constexpr std::size_t piece_size = 1 << 20;

Result<ImageChoice> choose(const Context& ctx, const ArchiveContents& contents, const std::string& source,
                           const std::string& platform, const std::optional<std::string>& name) {
  auto choice = TRY(choose_images(contents, source, platform, name));
  for (const auto& what : choice.left_out) ctx.events->warning("Not loaded: " + what);
  return choice;
}

// Files that hold layers of the chosen images.
std::set<std::string> wanted_files(const ImageChoice& choice, const ArchiveContents& contents) {
  std::set<std::string> files;
  for (auto path : choice.wanted) {
    for (auto link = contents.links.find(path); link != contents.links.end() && files.insert(path).second;
         link = contents.links.find(path)) {
      path = link->second;
    }
    files.insert(path);
  }
  return files;
}

}  // namespace

Result<Layout> pass_images(const Context& ctx, sys::EntryReader& reader, Feed& feed, const std::string& source,
                           const std::optional<std::string>& name, const ArchiveContents* scanned) {
  ArchiveContents contents;
  std::optional<ImageChoice> choice;
  std::set<std::string> wanted;
  std::map<std::string, std::string> expected;
  if (scanned != nullptr) {
    contents = *scanned;
    choice = TRY(choose(ctx, contents, source, feed.platform(), name));
    wanted = wanted_files(*choice, contents);
    expected = expected_digests(contents);
  }
  std::map<std::string, Blob> blobs;
  while (const auto entry = TRY(reader.next())) {
    if (choice && (!wanted.contains(entry->path) || contents.texts.contains(entry->path))) continue;
    auto beginning = TRY(note_entry(reader, *entry, contents));
    if (!beginning) continue;
    const std::string named = digest_in_path(entry->path);
    const std::string digest = expected.contains(entry->path) ? expected[entry->path] : named;
    const Blob blob = TRY(feed.pass(ctx, digest, entry->size, [&]() -> Result<std::string> {
      if (!beginning->empty()) return std::exchange(*beginning, {});
      return reader.read(piece_size);
    }));
    if (!named.empty() && blob.digest != named) {
      return make_error(ErrorId::image_invalid,
                        source + " is damaged: " + entry->path + " is not what its digest says");
    }
    blobs[entry->path] = blob;
  }
  if (!choice) choice = TRY(choose(ctx, contents, source, feed.platform(), name));
  return layout_of(*choice, contents, blobs, source, feed.platform());
}

Result<void> read_written(const Context& ctx, const std::string& source,
                          const std::function<Result<void>(const Context&, const Sink&)>& write,
                          const std::function<Result<void>(const Context&, sys::EntryReader&)>& read) {
  PieceQueue queue;
  const auto writing = [&](const Context& c) -> Result<void> {
    TRY(write(c, [&](std::string_view piece) { return queue.push(c, make_piece(std::string(piece))); }));
    queue.end();
    return {};
  };
  const auto reading = [&](const Context& c) -> Result<void> {
    const auto pieces = [&]() -> Result<std::string> {
      const Piece piece = TRY(queue.pop(c));
      return piece ? *piece : std::string();
    };
    auto reader = TRY(sys::ArchiveReader::open(pieces, source));
    TRY(read(c, reader));
    queue.leave();
    return {};
  };
  return parallel(ctx, {writing, reading});
}

FolderReader::FolderReader(const std::string& folder) : folder_(folder) {
  std::error_code error;
  using Walk = std::filesystem::recursive_directory_iterator;
  for (Walk entry(folder, error); !error && entry != Walk(); entry.increment(error)) {
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable)) paths_.push_back(entry->path().lexically_relative(folder));
  }
  std::ranges::sort(paths_);
}

Result<std::optional<sys::ArchiveEntry>> FolderReader::next() {
  if (next_ == paths_.size()) return std::optional<sys::ArchiveEntry>();
  const std::string path = folder_ + "/" + paths_[next_];
  fd_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd_) return make_error(ErrorId::host_error, "Cannot read " + path + ": " + std::strerror(errno));
  const off_t size = ::lseek(fd_.get(), 0, SEEK_END);
  ::lseek(fd_.get(), 0, SEEK_SET);
  return std::optional(sys::ArchiveEntry{.path = paths_[next_++], .size = static_cast<std::uint64_t>(size)});
}

Result<std::string> FolderReader::read(std::size_t most) {
  std::string piece(most, '\0');
  const ssize_t size = ::read(fd_.get(), piece.data(), piece.size());
  if (size < 0) return make_error(ErrorId::host_error, "Cannot read " + folder_ + ": " + std::strerror(errno));
  piece.resize(static_cast<std::size_t>(size));
  return piece;
}

}  // namespace skiff::cluster
