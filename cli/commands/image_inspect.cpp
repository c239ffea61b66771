// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/image_list.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  auto answers = TRY(cluster::inspect_image(session.ctx, session.home, TRY(session.profile()), args.words[0]));
  Answer answer{.text = to_pretty_text(answers)};
  answer.data["image"] = args.words[0];
  answer.data["answers"] = std::move(answers);
  return answer;
}

}  // namespace

Command image_inspect_command() {
  return {
      .name = "image inspect",
      .group = Group::images,
      .summary = "Show what the nodes' runtime knows of an image",
      .help =
          "A list with one element for each image that nodes have under this name: one, unless they differ.\n\n"
          "Example\n  skiff image inspect my-app:1.0 -p lab",
      .positionals = {"IMAGE", 1, 1},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
