// SPDX-License-Identifier: Apache-2.0
#include "images/build.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/parallel.h"
#include "images/fetch.h"
#include "images/image_archive.h"
#include "images/parts.h"
#include "images/tar_file.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::images {
namespace {

// Those that are no archives: they have commands of their own.
constexpr std::array<std::string_view, 2> node_recipes = {"node", "machine"};

bool is_node(std::string_view recipe) { return std::ranges::find(node_recipes, recipe) != node_recipes.end(); }

// Kubernetes itself, by what its compiler writes; the other programs take seconds, or a minute.
bool takes_long(const Part& part) { return part.disk_mib > 5000; }
bool is_compiled(const Part& part) { return std::holds_alternative<GoBuild>(part.build); }

// The parts of a recipe and of the images in it that are not built yet.
Result<std::vector<Part>> missing_parts(const Recipe& recipe) {
  std::vector<Part> missing;
  std::ranges::copy_if(recipe.parts, std::back_inserter(missing), [](const Part& part) { return !is_built(part); });
  for (const auto& image : recipe.images) {
    std::ranges::move(TRY(missing_parts(TRY(find_recipe(image, recipe.kubernetes)))), std::back_inserter(missing));
  }
  return missing;
}

// A compiler keeps all processors busy by itself; a package manager waits for the network and one processor.
Result<void> build_missing_parts(const Context& ctx, const Recipe& recipe) {
  const auto missing = TRY(missing_parts(recipe));
  const Tools tools = TRY(check_requirements(ctx, missing, sys::cache_folder(), recipe.disk_mib));
  if (is_node(recipe.name) && std::ranges::any_of(missing, takes_long)) {
    ctx.events->note("The node image is compiled once on this machine; that takes about 20 minutes");
  }
  const auto build_all = [&](bool go) {
    return [&, go](const Context& inner) -> Result<void> {
      for (const auto& part : missing) {
        if (is_compiled(part) == go) TRY(build_part(inner, tools, part));
      }
      return {};
    };
  };
  return parallel(ctx, {build_all(true), build_all(false)});
}

Result<void> add_programs(TarFile& tar, const GoBuild& build, const std::string& folder) {
  const std::filesystem::path into = build.into;
  const auto programs = sys::list_folder(folder);
  for (const auto& program : programs) {
    TRY(tar.copy_file((into / program).string(), (folder / std::filesystem::path(program)).string(), 0755));
  }
  for (const auto& link : build.links) tar.add_link((into / link).string(), programs.front());
  return {};
}

Result<void> write_archive(const Recipe& recipe, const std::string& path, const std::string& work) {
  const std::string layer = work + '/' + recipe.name + ".layer.tar";
  TRY(write_root(recipe, layer, work));
  TRY(write_image_archive(path, {recipe.reference, recipe.entrypoint, recipe.command}, layer));
  return sys::remove_tree(layer);
}

}  // namespace

Result<void> write_root(const Recipe& recipe, const std::string& tar_path, const std::string& work) {
  TarFile tar(tar_path);
  for (const auto& part : recipe.parts) {
    if (const auto* go = std::get_if<GoBuild>(&part.build)) {
      TRY(add_programs(tar, *go, part_folder(part)));
    } else {
      TRY(tar.append_archive(part_folder(part) + "/rootfs.tar"));
    }
  }
  for (const auto& file : files_below(recipe.files)) {
    tar.add_file('/' + std::string(file.path), file.content, file.executable ? 0755 : 0644);
  }
  const std::filesystem::path image_folder = "/usr/share/skiff/images";
  for (const auto& image : recipe.images) {
    const std::string name = image + ".tar";
    const std::string archive = (work / std::filesystem::path(name)).string();
    TRY(write_archive(TRY(find_recipe(image, recipe.kubernetes)), archive, work));
    TRY(tar.copy_file((image_folder / name).string(), archive, 0644));
    TRY(sys::remove_tree(archive));
  }
  return tar.close();
}

Result<void> build_parts(const Context& ctx, const Recipe& recipe) {
  if (TRY(missing_parts(recipe)).empty()) return {};
  return build_missing_parts(ctx, recipe);
}

Result<std::string> product_folder(const Recipe& recipe) {
  return sys::cache_folder() + "/images/" + recipe.name + '-' + TRY(content_hash(recipe));
}

Result<Product> build_product(const Context& ctx, const Recipe& recipe, const Assemble& assemble,
                              const Assemble& finish) {
  const std::string folder = TRY(product_folder(recipe));
  if (sys::exists(folder)) return Product{folder, true};

  const WorkFolder work = TRY(WorkFolder::make(ctx, "image-" + recipe.name + '-' + recipe.kubernetes));
  if (sys::exists(folder)) return Product{folder, true};
  if (!TRY(fetch_product(ctx, recipe, work.path()))) {
    TRY(build_missing_parts(ctx, recipe));
    Step step(*ctx.events, "assemble", "Putting the image '" + recipe.name + "' together");
    TRY(assemble(work.path()));
    step.done();
  }
  if (finish) TRY(finish(work.path()));
  TRY(publish(work.path(), folder));
  return Product{folder, false};
}

Result<std::vector<std::string>> unused_products() {
  std::set<std::string> used;
  for (const auto& recipe : TRY(all_recipes())) {
    used.insert(TRY(product_folder(recipe)));
    for (const auto& part : recipe.parts) used.insert(part_folder(part));
  }
  std::vector<std::string> unused;
  for (const auto* kind : {"/images", "/parts"}) {
    const std::string folder = sys::cache_folder() + kind;
    for (const auto& name : sys::list_folder(folder)) {
      std::string path = folder + '/' + name;
      if (!used.contains(path)) unused.push_back(std::move(path));
    }
  }
  return unused;
}

std::vector<std::string> image_names() {
  auto names = recipe_names();
  std::erase_if(names, is_node);
  return names;
}

Result<ImageArchive> build_image(const Context& ctx, std::string_view name) {
  const Recipe recipe = TRY(find_recipe(name));
  if (is_node(name)) {
    return make_error(ErrorId::image_not_found, "The node image is no archive", "Use 'skiff node-image build'");
  }
  const Product product = TRY(build_product(
      ctx, recipe, [&](const std::string& folder) { return write_archive(recipe, folder + "/image.tar", folder); }));
  return ImageArchive{recipe.reference, product.folder + "/image.tar", product.was_cached};
}

}  // namespace skiff::images
