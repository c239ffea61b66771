// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  for (const auto& image : args.words) TRY(cluster::push_image(session.ctx, session.home, profile, image));
  return Answer{.data = {{"pushed", JsonArray(args.words.begin(), args.words.end())}}};
}

}  // namespace

Command image_push_command() {
  return {
      .name = "image push",
      .group = Group::images,
      .summary = "Push images of the nodes to their registries",
      .help =
          "A node pushes, to what it can reach and without a password; the registry addon is one. Where a registry\n"
          "asks for a password, push with the Docker of this host.\n\n"
          "Example\n  skiff image push localhost:5000/my-app:1.0",
      .positionals = {"IMAGE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
