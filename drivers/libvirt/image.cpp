// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/image.h"

#include "base/strings.h"
#include "drivers/common/naming.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::drivers::libvirt {

namespace {

constexpr std::string_view complete = "complete";

// Beside it lies the format of an image that is not of the first.
std::string format_mark(const std::string& reference, const std::string& format = {}) {
  return image_volume(reference, "tree-" + format);
}

// Nothing when there is no image that is whole.
Result<std::optional<int>> format_there(const Connection& connection, const Pool& pool, const std::string& reference) {
  std::optional<int> format;
  int marked = 1;
  const std::string mark = format_mark(reference);
  for (const auto& name : TRY(volume_names(connection, pool))) {
    if (name == image_volume(reference, complete)) format = 1;
    if (name.starts_with(mark)) marked = static_cast<int>(parse_int(name.substr(mark.size()), "a format").value_or(0));
  }
  return format ? std::optional(marked) : format;
}

Error not_found(const std::string& reference) {
  return make_error(ErrorId::image_not_found, "libvirt has no image '" + reference + "'");
}

Result<sys::Lock> lock_images(const Context& ctx) {
  TRY(sys::make_folders(sys::cache_folder()));
  return sys::Lock::acquire(ctx, sys::cache_folder() + "/libvirt.lock",
                            [&] { ctx.events->note("Another skiff works on libvirt's node images; waiting for it"); });
}

Result<std::int64_t> size_of(const Connection& connection, const Volume& volume) {
  virStorageVolInfo info{};
  TRY(connection.done(connection.api().virStorageVolGetInfo(volume.get(), &info), "look at a volume"));
  return static_cast<std::int64_t>(info.capacity);
}

}  // namespace

Result<std::vector<NodeImage>> images(const Context& ctx, Connection& connection) {
  std::vector<NodeImage> found;
  const auto there = TRY(find_pool(ctx, connection));
  if (!there || !is_active(connection, *there)) return found;
  const Pool& pool = *there;
  for (const auto& name : TRY(volume_names(connection, pool))) {
    const std::string reference = reference_in(name, complete);
    if (reference.empty()) continue;
    const auto disk = TRY(find_volume(connection, pool, image_volume(reference, "disk")));
    found.push_back({reference, "", disk ? TRY(size_of(connection, *disk)) : 0});
  }
  return found;
}

Result<void> ensure_image(const Context& ctx, Connection& connection, const NodeImage& image) {
  const Pool pool = TRY(ensure_pool(ctx, connection));
  if (const auto there = TRY(format_there(connection, pool, image.reference))) return check_tree_format(image, *there);
  if (image.disk.empty()) return not_found(image.reference);

  const auto lock = TRY(lock_images(ctx));
  TRY(refresh(connection, pool));  // what was removed by hand is known no longer
  if (const auto there = TRY(format_there(connection, pool, image.reference))) return check_tree_format(image, *there);
  const auto stored = [&]() -> Result<void> {
    TRY(store_file(ctx, connection, pool, image_volume(image.reference, "kernel"), image.kernel));
    TRY(store_file(ctx, connection, pool, image_volume(image.reference, "initrd"), image.initrd));
    TRY(store_file(ctx, connection, pool, image_volume(image.reference, "disk"), image.disk));
    if (image.tree_format != 1) {
      TRY(store(ctx, connection, pool, format_mark(image.reference, std::to_string(image.tree_format)), "\n"));
    }
    return store(ctx, connection, pool, image_volume(image.reference, complete), image.reference + "\n");
  }();
  if (!stored.ok()) {
    for (const auto* kind : {"kernel", "initrd", "disk"}) {
      (void)remove_volume(connection, pool, image_volume(image.reference, kind));  // the first trouble is to be told
    }
  }
  return stored;
}

Result<void> drop_image(const Context& ctx, Connection& connection, const std::string& reference) {
  const auto there = TRY(find_pool(ctx, connection));
  if (!there || !is_active(connection, *there)) return {};
  const auto lock = TRY(lock_images(ctx));
  TRY(remove_volume(connection, *there, image_volume(reference, complete)));  // from here on there is none
  const std::string mark = format_mark(reference);
  for (const auto& name : TRY(volume_names(connection, *there))) {
    if (name.starts_with(mark)) TRY(remove_volume(connection, *there, name));
  }
  for (const auto* kind : {"kernel", "initrd", "disk"}) {
    TRY(remove_volume(connection, *there, image_volume(reference, kind)));
  }
  return {};
}

Result<ImageFiles> image_files(const Connection& connection, const Pool& pool, const std::string& reference) {
  ImageFiles files;
  for (const auto& [kind, path] :
       {std::pair{"kernel", &files.kernel}, std::pair{"initrd", &files.initrd}, std::pair{"disk", &files.disk}}) {
    const auto volume = TRY(find_volume(connection, pool, image_volume(reference, kind)));
    if (!volume) return not_found(reference);
    *path = TRY(path_of(connection, *volume));
    files.disk_bytes = TRY(size_of(connection, *volume));  // the disk's, as it comes last
  }
  return files;
}

}  // namespace skiff::drivers::libvirt
