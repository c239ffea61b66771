// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <set>

#include "base/strings.h"
#include "cli/command.h"
#include "images/build.h"
#include "images/fetch.h"
#include "images/machine_image.h"
#include "images/node_image.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  if (!args.words.empty()) ::setenv("SKIFF_IMAGES", args.words[0].c_str(), 1);  // for this run
  const std::string source = images::images_source();
  if (source.empty()) {
    return make_error(ErrorId::usage, "From where? Neither SOURCE nor SKIFF_IMAGES is given",
                      "Give the folder that 'skiff node-image save' has written, or its address on the web");
  }
  const auto offered = TRY(images::offered_recipes(session.ctx));
  std::set<std::string> nodes;  // the versions of which there are node images: a machine's is made of one
  std::vector<std::string> pulled;
  for (const auto& recipe : offered) {
    if (recipe.name == "node") nodes.insert(recipe.kubernetes);
  }
  for (const auto& recipe : offered) {
    if (recipe.name == "machine") {
      if (!nodes.contains(recipe.kubernetes)) continue;
      TRY(images::build_machine_image(session.ctx, recipe.kubernetes));
    } else if (recipe.name == "node") {
      TRY(images::build_node_image(session.ctx, recipe.kubernetes));
    } else {
      TRY(images::build_image(session.ctx, recipe.name));
    }
    pulled.push_back(recipe.reference);
  }
  return Answer{.message = "From " + source + ": " + join(pulled, ", ") + ". A start uses them.",
                .data = {{"source", source}, {"images", JsonArray(pulled.begin(), pulled.end())}}};
}

}  // namespace

Command node_image_pull_command() {
  return {
      .name = "node-image pull",
      .group = Group::images,
      .summary = "Fetch images that are built already, and compile nothing",
      .help =
          "Fetches what SOURCE, a folder of 'skiff node-image save' or its address on the web, has of this skiff's\n"
          "images: node images of all versions, those of addons. A download that was cut goes on where it ended, and\n"
          "what has another digest is not used. Without SOURCE, SKIFF_IMAGES says where.\n\n"
          "Examples\n"
          "  skiff node-image pull https://files.example.org/skiff\n"
          "  skiff node-image pull /media/usb/skiff",
      .positionals = {"[SOURCE]", 0, 1},
      .run = run,
  };
}

}  // namespace skiff::cli
