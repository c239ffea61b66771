#include "base/strings.h"
#include "cli/command.h"
#include "images/build.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  Answer answer;
  JsonArray built;
  for (const auto& name : args.words) {
    const auto image = TRY(images::build_image(session.ctx, name));
    answer.text += image.path + "\n";
    built.push_back(JsonObject{{"name", name}, {"reference", image.reference}, {"archive", image.path}});
  }
  answer.data["images"] = std::move(built);
  return answer;
}

}  // namespace

Command image_prepare_command() {
  return {
      .name = "image prepare",
      .group = Group::images,
      .summary = "Build images that skiff has recipes for, and print their archives",
      .help =
          "Built from Go modules and Debian packages, once; later calls find them in the cache.\n\n"
          "Example\n"
          "  skiff image load -p lab $(skiff image prepare hello curl)",
      .positionals = {"NAME...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
