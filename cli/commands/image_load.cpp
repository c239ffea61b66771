#include "base/strings.h"
#include "cli/command.h"
#include "cluster/node_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  for (const auto& image : args.words) {
    TRY(cluster::load_image(session.ctx, session.services, profile, image));
  }
  Answer answer;
  answer.data["loaded"] = JsonArray(args.words.begin(), args.words.end());
  answer.message = "Loaded into every node of '" + profile + "': " + join(args.words, ", ") + ".";
  return answer;
}

}  // namespace

Command image_load_command() {
  return {
      .name = "image load",
      .group = Group::images,
      .summary = "Copy images of this host's Docker, or image archives, into every node",
      .help =
          "Examples\n"
          "  skiff image load my-app:1.0 -p lab\n"
          "  skiff image load ./my-app.tar",
      .positionals = {"IMAGE|FILE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
