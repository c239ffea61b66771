#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::save_image(session.ctx, session.home, profile, args.words[0], args.words[1]));
  return Answer{.data = {{"image", args.words[0]}, {"file", args.words[1]}}};
}

}  // namespace

Command image_save_command() {
  return {
      .name = "image save",
      .group = Group::images,
      .summary = "Write an image of the nodes to an archive",
      .help =
          "'skiff image load' and 'docker load' read it.\n\n"
          "Example\n  skiff image save my-app:1.0 ./my-app.tar",
      .positionals = {"IMAGE FILE", 2, 2},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
