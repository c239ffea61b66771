// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/go_template.h"
#include "cli/command.h"
#include "cluster/images/kept_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  std::vector<std::string> images;
  for (const auto& each : TRY(cluster::profiles_with_lists(session.home, profile, session.given_profile.has_value()))) {
    for (auto& image : TRY(cluster::kept_images(session.home, each))) {
      if (std::ranges::find(images, image) == images.end()) images.push_back(std::move(image));
    }
  }
  const std::string format = args.text("format").value_or("{{.CacheImage}}\n");
  Answer answer;
  for (const auto& image : images) answer.text += TRY(fill_template(format, JsonObject{{"CacheImage", image}}));
  answer.data["images"] = JsonArray(images.begin(), images.end());
  return answer;
}

}  // namespace

Command cache_list_command() {
  return {
      .name = "cache list",
      .group = Group::images,
      .summary = "List the images that every start of the profile loads",
      .help = "Example\n  skiff cache list -p lab",
      .flags = {{"format", 0, "TEMPLATE", "how each is written, with {{.CacheImage}}"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
