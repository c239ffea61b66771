#include "cluster/image_source.h"

#include <cstdio>
#include <utility>

#include "drivers/docker/save_image.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::cluster {

LocalArchive::LocalArchive(LocalArchive&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

LocalArchive::~LocalArchive() {
  if (temporary_) std::remove(path_.c_str());
}

Result<LocalArchive> temporary_archive() {
  const std::string folder = sys::skiff_home() + "/tmp";
  TRY(sys::make_folders(folder));
  return LocalArchive(folder + "/image-" + sys::random_hex(6) + ".tar", true);
}

Result<LocalArchive> local_archive(const Context& ctx, const std::string& image_or_file) {
  if (sys::exists(image_or_file)) return LocalArchive(image_or_file, false);
  auto archive = TRY(temporary_archive());
  TRY(drivers::docker::save_image(ctx, image_or_file, archive.path()));
  return archive;
}

}  // namespace skiff::cluster
