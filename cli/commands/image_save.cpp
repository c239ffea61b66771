// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  if (args.has("daemon")) {
    if (args.words.size() > 1)
      return make_error(ErrorId::usage, "With --daemon the image goes to Docker, and to no file");
    TRY(cluster::save_image_into_docker(session.ctx, session.home, profile, args.words[0]));
    return Answer{.message = "Docker has " + args.words[0] + " now.", .data = {{"image", args.words[0]}}};
  }
  if (args.has("remote")) {
    TRY(cluster::push_image(session.ctx, session.home, profile, args.words[0]));
    return Answer{.message = "The registry has " + args.words[0] + " now.", .data = {{"image", args.words[0]}}};
  }
  if (args.words.size() < 2) {
    return make_error(ErrorId::usage, "'image save' does not know where to", "Name a file, or give --daemon");
  }
  TRY(cluster::save_image(session.ctx, session.home, profile, args.words[0], args.words[1]));
  return Answer{.data = {{"image", args.words[0]}, {"file", args.words[1]}}};
}

}  // namespace

Command image_save_command() {
  return {
      .name = "image save",
      .group = Group::images,
      .summary = "Write an image of the nodes to an archive, or into this host's Docker",
      .help =
          "'skiff image load' and 'docker load' read it.\n\n"
          "Examples\n"
          "  skiff image save my-app:1.0 ./my-app.tar\n"
          "  skiff image save --daemon my-app:1.0",
      .positionals = {"IMAGE [FILE]", 1, 2},
      .flags = {{"daemon", 0, "", "bring it into this host's Docker, in place of a file"},
                {"remote", 0, "", "push it to its registry, as 'image push' does"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
