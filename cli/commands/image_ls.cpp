#include "base/strings.h"
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const auto images = TRY(cluster::list_images(session.ctx, session.home, TRY(session.profile())));
  Answer answer;
  if (!images.empty()) answer.text = join(images, "\n") + "\n";
  answer.data["images"] = JsonArray(images.begin(), images.end());
  return answer;
}

}  // namespace

Command image_ls_command() {
  return {
      .name = "image ls",
      .group = Group::images,
      .summary = "List the images that the nodes have",
      .help = "Example\n  skiff image ls -p lab",
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
