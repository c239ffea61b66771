// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/images/node_images.h"

namespace skiff::cli {
namespace {

// `words` are what was asked for, `names` what pods may use now.
Answer answer_of(const std::string& profile, const std::vector<std::string>& words,
                 const std::vector<std::string>& names) {
  return {
      .message = "Every node of '" + profile + "' has " + join(names, ", ") + " now.",
      .data = {{"loaded", JsonArray(words.begin(), words.end())}, {"images", JsonArray(names.begin(), names.end())}}};
}

// By the nodes themselves, from the registry that the image's name tells.
Result<Answer> pull(Session& session, const std::string& profile, const std::vector<std::string>& images) {
  for (const auto& image : images) TRY(cluster::pull_image(session.ctx, session.home, profile, image));
  return answer_of(profile, images, images);
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  if (args.has("pull") || args.has("remote")) {
    if (args.given.contains("name") || args.given.contains("platform")) {
      return make_error(ErrorId::usage, "An image that is pulled keeps its name and platform",
                        "Leave --name and --platform out, or --pull");
    }
    return pull(session, profile, args.words);
  }
  const auto name = args.text("name");
  if (name && args.words.size() > 1) {
    return make_error(ErrorId::usage,
                      "--name is for one image, and " + std::to_string(args.words.size()) + " are given");
  }
  const auto names = TRY(cluster::load_images(session.ctx, session.home, profile, args.words,
                                              {.name = name, .platform = args.text("platform")}));
  return answer_of(profile, args.words, names);
}

}  // namespace

Command image_load_command() {
  return {
      .name = "image load",
      .group = Group::images,
      .summary = "Copy images of this host's Docker, or image archives, into every node",
      .help =
          "Each node gets the layers that it lacks, so a second load of a changed image takes moments. An archive is\n"
          "what 'docker save' writes, or an OCI layout, as a tar file or a folder; it may be compressed (gzip, zstd, "
          "xz,\n"
          "bzip2), and '-' is standard input. Of an image for several platforms, the nodes' own is loaded. The names "
          "are\n"
          "those that the archive gives; an image without one needs --name. Pods find a loaded image unless they "
          "always\n"
          "pull: imagePullPolicy must be IfNotPresent or Never where the tag is 'latest'.\n\n"
          "Examples\n"
          "  skiff image load my-app:1.0 -p lab\n"
          "  skiff image load ./my-app.tar.gz\n"
          "  podman save my-app:1.0 | skiff image load -\n"
          "  skiff image load --name my-app:1.0 ./unnamed.tar",
      .positionals = {"IMAGE|FILE|-...", 1, any_number},
      .flags = {{"name", 0, "NAME:TAG", "load the one image that is given under this name"},
                {"pull", 0, "", "have the nodes pull it from its registry, whatever this host has"},
                {"remote", 0, "", "the same"},
                {"platform", 0, "OS/ARCH", "of an image for several, load the one for this platform"}},
      .run = run,
  };
}

}  // namespace skiff::cli
