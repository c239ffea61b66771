// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "cluster/images/docker_image.h"
#include "cluster/images/image_name.h"
#include "cluster/images/image_stream.h"
#include "drivers/docker/save_image.h"
#include "sys/net/socket_stream.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {
namespace {

bool is_id(const std::string& word, const std::string& id) {
  if (word == id) return true;
  const std::string hex = id.substr(id.find(':') + 1);
  return !word.empty() && hex.starts_with(word);
}

// The one that was said, or all of an image that was said by its id.
Result<std::vector<std::string>> names_meant(const std::string& word, const drivers::docker::LocalImage& image) {
  std::vector<std::string> all;
  for (const auto& tag : image.tags) {
    if (auto full = full_image_name(tag); full.ok()) all.push_back(*std::move(full));
  }
  const auto said = full_image_name(word);
  if (said.ok() && std::ranges::find(all, *said) != all.end()) return std::vector{*said};
  if (!all.empty()) return all;
  if (said.ok() && !is_id(word, image.id)) return std::vector{*said};
  return make_error(
      ErrorId::image_invalid, "The image " + word + " has no name in Docker: no pod could use it",
      "Give it one: 'docker tag " + word + " NAME:TAG', or 'skiff image load --name NAME:TAG " + word + "'");
}

Result<void> check_platform(const std::string& word, const Json& about, const std::string& platform) {
  const std::string own = text_at(about, "Os", "linux") + "/" + text_at(about, "Architecture");
  if (own == platform || own.ends_with('/')) return {};
  return make_error(ErrorId::image_unsupported, word + " is for " + own + "; the nodes are " + platform,
                    "Load one that is built for " + platform + " ('docker build --platform " + platform + "')");
}

// What does not say where it ends: standard input, or a pipe by its path.
Result<Layout> pass_pipe(const Context& ctx, const std::string& word, Feed& feed,
                         const std::optional<std::string>& name) {
  const std::string source = word == "-" ? "standard input" : word;
  const sys::UniqueFd fd(word == "-" ? ::dup(STDIN_FILENO) : ::open(word.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return make_error(ErrorId::host_error, "Cannot read " + source + ": " + std::strerror(errno));
  const auto pieces = [&]() -> Result<std::string> {
    std::string piece(1 << 18, '\0');
    for (;;) {
      TRY(sys::wait_ready(ctx, fd.get(), POLLIN));
      const ssize_t size = ::read(fd.get(), piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return make_error(ErrorId::host_error, "Cannot read " + source + ": " + std::strerror(errno));
      piece.resize(static_cast<std::size_t>(size));
      return piece;
    }
  };
  auto reader = TRY(sys::ArchiveReader::open(pieces, source));
  return pass_images(ctx, reader, feed, source, name);
}

// An archive that can be looked through without reading its layers is passed on with what is wanted alone.
Result<Layout> pass_file(const Context& ctx, const std::string& path, Feed& feed,
                         const std::optional<std::string>& name) {
  auto reader = TRY(sys::ArchiveReader::open(path));
  ArchiveContents contents;
  auto entry = TRY(reader.next());
  if (!reader.skips()) {
    auto whole = TRY(sys::ArchiveReader::open(path));
    return pass_images(ctx, whole, feed, path, name);
  }
  for (; entry; entry = TRY(reader.next())) TRY(note_entry(reader, *entry, contents));
  auto again = TRY(sys::ArchiveReader::open(path));
  return pass_images(ctx, again, feed, path, name, &contents);
}

Result<Layout> pass_folder(const Context& ctx, const std::string& path, Feed& feed,
                           const std::optional<std::string>& name) {
  FolderReader reader(path);
  const auto contents = TRY(read_contents(reader));
  FolderReader again(path);
  return pass_images(ctx, again, feed, path, name, &contents);
}

}  // namespace

Result<ImageSource> find_image(const Context& ctx, const std::string& word, const std::string& platform,
                               const std::optional<std::string>& name) {
  using Kind = ImageSource::Kind;
  if (word == "-") return ImageSource{Kind::pipe, word};
  struct stat about{};
  const bool there = ::stat(word.c_str(), &about) == 0;
  if (there && S_ISREG(about.st_mode)) return ImageSource{Kind::archive, word};
  if (there && !S_ISDIR(about.st_mode)) return ImageSource{Kind::pipe, word};
  if (there && ::access((word + "/index.json").c_str(), R_OK) == 0) return ImageSource{Kind::folder, word};
  if (word.starts_with('/') || word.starts_with('.')) {
    return make_error(ErrorId::image_not_found,
                      there ? word + " is a folder, and no OCI image layout" : "There is no file " + word,
                      "Name an archive, as 'docker save' writes it, or an image that 'docker images' lists");
  }
  const auto image = TRY(drivers::docker::inspect_image(ctx, word));
  ImageSource source{Kind::docker, word, image.id};
  if (name) {
    source.names = {TRY(full_image_name(*name))};
  } else {
    source.names = TRY(names_meant(word, image));
  }
  source.about = image.about;
  TRY(check_platform(word, image.about, platform));
  return source;
}

Result<Layout> pass_source(const Context& ctx, const ImageSource& source, Feed& feed,
                           const std::optional<std::string>& name) {
  switch (source.kind) {
    case ImageSource::Kind::archive:
      return pass_file(ctx, source.word, feed, name);
    case ImageSource::Kind::pipe:
      return pass_pipe(ctx, source.word, feed, name);
    case ImageSource::Kind::folder:
      return pass_folder(ctx, source.word, feed, name);
    case ImageSource::Kind::docker:
      break;
  }
  return pass_docker(ctx, source, feed, name);
}

}  // namespace skiff::cluster
