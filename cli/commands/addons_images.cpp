// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto described = TRY(cluster::describe_addon(session.home, TRY(session.profile()), args.words.front()));
  std::vector<std::vector<std::string>> rows = {{"NAME", "IMAGE", "ORIGIN"}};
  for (const auto& image : described.images) rows.push_back({image.name, image.reference, image.origin});
  return Answer{.text = to_columns(rows),
                .data = {{"addon", described.addon.name}, {"images", images_data(described.images)}}};
}

}  // namespace

Command addons_images_command() {
  return {
      .name = "addons images",
      .group = Group::applications,
      .summary = "List the images that an addon uses, and where they come from",
      .help =
          "Others are chosen with 'skiff addons enable ADDON --images NAME=REFERENCE' or --registries NAME=HOST.\n\n"
          "Example\n  skiff addons images ingress",
      .positionals = {"ADDON", 1, 1},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
