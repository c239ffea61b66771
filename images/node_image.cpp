// SPDX-License-Identifier: Apache-2.0
#include "images/node_image.h"

#include "images/build.h"
#include "images/parts.h"
#include "sys/archive.h"
#include "sys/files.h"
#include "sys/pack.h"

namespace skiff::images {
namespace {

BuiltImage image_in(const std::string& folder, const Recipe& recipe, const std::string& hash, bool was_cached) {
  return {recipe.reference + '-' + hash, folder + "/rootfs.tar", folder + "/kubectl", was_cached};
}

// kubectl is one of the names that the node's Kubernetes program answers to: taken from the root file system, as that
// may have been built elsewhere.
Result<void> add_kubectl(const Context& ctx, const std::string& folder) {
  auto rootfs = TRY(sys::ArchiveReader::open(folder + "/rootfs.tar"));
  while (const auto entry = TRY(rootfs.next())) {
    if (entry->kind != sys::ArchiveEntry::Kind::file || !entry->path.ends_with("usr/local/bin/kube")) continue;
    return sys::save_entry(ctx, rootfs, folder + "/kubectl", 0755);
  }
  return make_error(ErrorId::image_invalid, "The node image has no kubectl");
}

}  // namespace

std::string node_image_reference(std::string_view kubernetes) {
  const auto recipe = find_recipe("node", kubernetes);
  return recipe.ok() ? recipe->reference + '-' + content_hash(*recipe).value() : std::string();
}

CachedImage cached_node_image(std::string_view kubernetes) {
  const auto recipe = find_recipe("node", kubernetes);
  if (!recipe.ok()) return {};
  const std::string folder = product_folder(*recipe).value();
  if (!sys::exists(folder)) return {};
  return {true, image_in(folder, *recipe, content_hash(*recipe).value(), true)};
}

Result<BuiltImage> build_node_image(const Context& ctx, std::string_view kubernetes) {
  const Recipe recipe = TRY(find_recipe("node", kubernetes));
  const Product product = TRY(build_product(
      ctx, recipe, [&](const std::string& folder) { return write_root(recipe, folder + "/rootfs.tar", folder); },
      [&](const std::string& folder) { return add_kubectl(ctx, folder); }));
  return image_in(product.folder, recipe, content_hash(recipe).value(), product.was_cached);
}

}  // namespace skiff::images
