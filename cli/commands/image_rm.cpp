// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  for (const auto& image : args.words) TRY(cluster::remove_image(session.ctx, session.home, profile, image));
  return Answer{.data = {{"removed", JsonArray(args.words.begin(), args.words.end())}}};
}

}  // namespace

Command image_rm_command() {
  return {
      .name = "image rm",
      .group = Group::images,
      .summary = "Remove images from the nodes",
      .help =
          "The image goes with its last name; one that a container uses stays.\n\n"
          "Example\n  skiff image rm my-app:1.0 -p lab",
      .positionals = {"IMAGE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
