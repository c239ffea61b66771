#include "cluster/images/image_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "cluster/images/image_name.h"
#include "cluster/temporary.h"
#include "drivers/docker/save_image.h"
#include "sys/socket_stream.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {
namespace {

// What does not say where it ends (standard input, a pipe by its path) is read whole into a file.
Result<LocalArchive> spooled(const Context& ctx, int fd, const std::string& source) {
  auto archive = TRY(temporary_archive());
  std::ofstream out(archive.path(), std::ios::binary);
  std::vector<char> buffer(1 << 20);
  for (;;) {
    TRY(sys::wait_ready(ctx, fd, POLLIN));
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return make_error(ErrorId::host_error, "Cannot read " + source + ": " + std::strerror(errno));
    if (size == 0) break;
    out.write(buffer.data(), size);
  }
  out.close();
  if (!out) return make_error(ErrorId::disk_full, "Cannot write " + archive.path());
  return archive;
}

Result<LocalArchive> from_pipe(const Context& ctx, const std::string& path) {
  const sys::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return make_error(ErrorId::host_error, "Cannot read " + path + ": " + std::strerror(errno));
  return spooled(ctx, fd.get(), path);
}

bool is_id(const std::string& word, const std::string& id) {
  if (word == id) return true;
  const std::string hex = id.substr(id.find(':') + 1);
  return !word.empty() && hex.starts_with(word);
}

// Names under which Docker is to export the image: the one that was said, or all of an image that was said by its id.
Result<std::vector<std::string>> names_for_export(const std::string& word, const drivers::docker::LocalImage& image,
                                                  bool will_be_named) {
  const auto said = full_image_name(word);
  const bool by_name = said.ok() && std::ranges::any_of(image.tags, [&](const std::string& tag) {
                         const auto full = full_image_name(tag);
                         return full.ok() && *full == *said;
                       });
  if (by_name || will_be_named) return std::vector{word};
  if (!image.tags.empty()) return image.tags;
  if (!is_id(word, image.id) && word.find('@') == std::string::npos) return std::vector{word};
  return make_error(
      ErrorId::image_invalid, "The image " + word + " has no name in Docker: no pod could use it",
      "Give it one: 'docker tag " + word + " NAME:TAG', or 'skiff image load --name NAME:TAG " + word + "'");
}

}  // namespace

LocalArchive::LocalArchive(LocalArchive&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

LocalArchive::~LocalArchive() {
  if (temporary_) std::remove(path_.c_str());
}

Result<LocalArchive> temporary_archive() { return LocalArchive(TRY(temporary_path("image")), true); }

Result<LocalArchive> local_archive(const Context& ctx, const std::string& image_or_file, bool will_be_named) {
  if (image_or_file == "-") return spooled(ctx, STDIN_FILENO, "standard input");
  struct stat about{};
  const bool there = ::stat(image_or_file.c_str(), &about) == 0;
  if (there && S_ISREG(about.st_mode)) return LocalArchive(image_or_file, false);
  if (there && !S_ISDIR(about.st_mode)) return from_pipe(ctx, image_or_file);
  const bool path = image_or_file.starts_with('/') || image_or_file.starts_with('.');
  if (path) {
    return make_error(ErrorId::image_not_found,
                      there ? image_or_file + " is a folder, not an archive" : "There is no file " + image_or_file,
                      "Name an archive, as 'docker save' writes it, or an image that 'docker images' lists");
  }
  const auto image = TRY(drivers::docker::inspect_image(ctx, image_or_file));
  const auto names = TRY(names_for_export(image_or_file, image, will_be_named));
  auto archive = TRY(temporary_archive());
  TRY(drivers::docker::save_images(ctx, names, archive.path()));
  return archive;
}

}  // namespace skiff::cluster
