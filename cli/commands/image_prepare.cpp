// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/strings.h"
#include "cli/command.h"
#include "cluster/addons/addons.h"
#include "images/build.h"

namespace skiff::cli {
namespace {

// The recipes behind a name: its own, or those of the images of the addon that is called so.
Result<std::vector<std::string>> recipes_of(const Session& session, const std::string& name) {
  const auto recipes = images::image_names();
  if (std::ranges::find(recipes, name) != recipes.end()) return std::vector{name};
  const auto addon = addons::find_addon(TRY(cluster::load_catalogue(session.home)), name);
  if (!addon.ok()) {
    return make_error(ErrorId::image_not_found, "There is neither a recipe nor an addon '" + name + "'",
                      "Recipes there are: " + join(recipes, ", "));
  }
  std::vector<std::string> found;
  for (const auto& image : addon->images) {
    if (!image.recipe.empty()) found.push_back(image.recipe);
  }
  return found;
}

Result<Answer> run(Session& session, const Args& args) {
  Answer answer;
  JsonArray built;
  for (const auto& word : args.words) {
    for (const auto& name : TRY(recipes_of(session, word))) {
      const auto image = TRY(images::build_image(session.ctx, name));
      answer.text += image.path + "\n";
      built.push_back(JsonObject{{"name", name}, {"reference", image.reference}, {"archive", image.path}});
    }
  }
  answer.data["images"] = std::move(built);
  return answer;
}

}  // namespace

Command image_prepare_command() {
  static const std::string help =
      "Built from Go modules and Debian packages, once; later calls find them in the cache. NAME is a recipe or an\n"
      "addon, whose images are built then. Recipes: " +
      join(images::image_names(), ", ") +
      ".\n\n"
      "Examples\n"
      "  skiff image load -p lab $(skiff image prepare hello curl)\n"
      "  skiff image prepare ingress";
  return {
      .name = "image prepare",
      .group = Group::images,
      .summary = "Build images that skiff has recipes for, and print their archives",
      .help = help,
      .positionals = {"NAME...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
