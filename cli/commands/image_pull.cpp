// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  for (const auto& image : args.words) TRY(cluster::pull_image(session.ctx, session.home, profile, image));
  return Answer{.data = {{"pulled", JsonArray(args.words.begin(), args.words.end())}}};
}

}  // namespace

Command image_pull_command() {
  return {
      .name = "image pull",
      .group = Group::images,
      .summary = "Let every node pull images from their registries",
      .help =
          "Needs the network; images of this host come with 'skiff image load'.\n\n"
          "Example\n  skiff image pull localhost:5000/my-app:1.0",
      .positionals = {"IMAGE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
