// SPDX-License-Identifier: Apache-2.0
// Builds images from their recipes: parts first, then one root file system of them, then an archive around it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "images/recipe.h"

namespace skiff::images {

struct ImageArchive {
  std::string reference;
  std::string path;  // in the cache; for `docker load`, `ctr images import` and skiff's image load
  bool was_cached = false;
};

// Names for build_image(): every recipe but those of nodes.
std::vector<std::string> image_names();

// Builds an image by the name of its recipe, or finds it in the cache. Blocks, for minutes when parts are missing; one
// build runs at a time on a host, a second one waits for it. Errors: image_not_found, and those of build_node_image().
Result<ImageArchive> build_image(const Context& ctx, std::string_view name);

// What is made from a recipe: a folder of the cache, named by content, that is either complete or not there.
struct Product {
  std::string folder;
  bool was_cached = false;
};
Result<std::string> product_folder(const Recipe& recipe);
// Fetches it (fetch.h), or builds what is missing and calls `assemble` with the folder to fill; then, either way,
// `finish` with that folder, for what follows from the rest.
using Assemble = std::function<Result<void>(const std::string& folder)>;
Result<Product> build_product(const Context& ctx, const Recipe& recipe, const Assemble& assemble,
                              const Assemble& finish = {});

// Folders of the cache with images and parts that no recipe of this skiff names, such as those of earlier versions.
Result<std::vector<std::string>> unused_products();

// Builds the parts that are missing, of a recipe and of the images in it.
Result<void> build_parts(const Context& ctx, const Recipe& recipe);

// The parts, files and images of a recipe as one tar. All parts must be built; `work` is a folder for what lies
// between.
Result<void> write_root(const Recipe& recipe, const std::string& tar_path, const std::string& work);

}  // namespace skiff::images
