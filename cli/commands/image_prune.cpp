// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/images/image_list.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto pruned = TRY(cluster::prune_images(session.ctx, session.home, TRY(session.profile()), args.has("all")));
  Answer answer;
  if (!pruned.images.empty()) answer.text = join(pruned.images, "\n") + "\n";
  answer.message = pruned.images.empty() ? "There is nothing to remove."
                                         : "Removed " + std::to_string(pruned.bytes / 1'000'000) + " MB.";
  answer.data["removed"] = JsonArray(pruned.images.begin(), pruned.images.end());
  answer.data["bytes"] = pruned.bytes;
  return answer;
}

}  // namespace

Command image_prune_command() {
  return {
      .name = "image prune",
      .group = Group::images,
      .summary = "Remove images from the nodes that have lost their name",
      .help =
          "Such images are left when a name moves to a newer one. With --all, images go too that no container uses;\n"
          "those that a node cannot be without stay.\n\n"
          "Example\n  skiff image prune -p lab",
      .flags = {{"all", 'a', "", "also those with a name that no container uses"}},
      .run = run,
  };
}

}  // namespace skiff::cli
