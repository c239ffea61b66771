// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "images/fetch.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string folder = args.words[0];
  const auto names = TRY(images::save_products(session.ctx, folder));
  JsonArray archives;
  for (const auto& name : names) archives.emplace_back(name);
  return Answer{.message = folder + " holds " + join(names, ", ") + ". Other hosts fetch them with SKIFF_IMAGES=" +
                           folder + ", or the folder's address on the web.",
                .data = {{"folder", folder}, {"archives", std::move(archives)}}};
}

}  // namespace

Command node_image_save_command() {
  return {
      .name = "node-image save",
      .group = Group::images,
      .summary = "Save the images that are built here, for other hosts",
      .help =
          "Writes what this skiff has built, the node image and those of addons, into FOLDER: compressed archives and\n"
          "their SHA256SUMS. Where SKIFF_IMAGES names that folder, or the address of a web server that has it, skiff\n"
          "fetches them and compiles nothing.\n\n"
          "Examples\n"
          "  skiff node-image save /srv/www/skiff\n"
          "  SKIFF_IMAGES=https://files.example.org/skiff skiff start",
      .positionals = {"FOLDER", 1, 1},
      .run = run,
  };
}

}  // namespace skiff::cli
