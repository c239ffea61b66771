// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::tag_image(session.ctx, session.home, profile, args.words[0], args.words[1]));
  return Answer{.data = {{"image", args.words[0]}, {"name", args.words[1]}}};
}

}  // namespace

Command image_tag_command() {
  return {
      .name = "image tag",
      .group = Group::images,
      .summary = "Give an image of the nodes a second name",
      .help = "Example\n  skiff image tag my-app:1.0 my-app:stable",
      .positionals = {"IMAGE NAME", 2, 2},
      .run = run,
  };
}

}  // namespace skiff::cli
