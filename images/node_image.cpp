#include "images/node_image.h"

#include <filesystem>

#include "images/build.h"
#include "images/parts.h"
#include "sys/files.h"

namespace skiff::images {
namespace {

BuiltImage image_in(const std::string& folder, const Recipe& recipe, const std::string& hash, bool was_cached) {
  return {recipe.reference + '-' + hash, folder + "/rootfs.tar", folder + "/kubectl", was_cached};
}

// kubectl is one of the names that the node's Kubernetes program answers to. The link is relative: a cache may be
// moved, or copied to another home.
Result<void> link_kubectl(const Recipe& recipe, const std::string& folder) {
  const std::filesystem::path final_folder = TRY(product_folder(recipe));
  for (const auto& part : recipe.parts) {
    if (part.name != "kube") continue;
    std::error_code error;
    const auto program = std::filesystem::path(part_folder(part) + "/kube").lexically_relative(final_folder);
    std::filesystem::create_symlink(program, folder + "/kubectl", error);
    if (error) return make_error(ErrorId::host_error, "Cannot make " + folder + "/kubectl: " + error.message());
  }
  return {};
}

// The recipe is part of this program and tested with it: it cannot be absent or wrong.
Recipe node_recipe() { return find_recipe("node").value(); }

}  // namespace

std::string node_image_reference() {
  const Recipe recipe = node_recipe();
  return recipe.reference + '-' + content_hash(recipe).value();
}

CachedImage cached_node_image() {
  const Recipe recipe = node_recipe();
  const std::string folder = product_folder(recipe).value();
  if (!sys::exists(folder)) return {};
  return {true, image_in(folder, recipe, content_hash(recipe).value(), true)};
}

Result<BuiltImage> build_node_image(const Context& ctx) {
  const Recipe recipe = node_recipe();
  const Product product = TRY(build_product(ctx, recipe, [&](const std::string& folder) -> Result<void> {
    TRY(write_root(recipe, folder + "/rootfs.tar", folder));
    return link_kubectl(recipe, folder);
  }));
  return image_in(product.folder, recipe, content_hash(recipe).value(), product.was_cached);
}

}  // namespace skiff::images
