// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/own_image.h"
#include "drivers/driver_table.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string name = args.text("driver").value_or(std::string(drivers::all_drivers().front().name));
  const auto driver = TRY(session.home.make_driver(name, args.text("libvirt-uri").value_or("")));
  const bool dry_run = args.has("dry-run");
  const auto pruned = TRY(cluster::prune_node_images(session.ctx, session.home, *driver, dry_run));
  std::vector<std::string> lines = pruned.images;
  lines.insert(lines.end(), pruned.folders.begin(), pruned.folders.end());
  Answer answer;
  answer.data = {{"images", JsonArray(pruned.images.begin(), pruned.images.end())},
                 {"folders", JsonArray(pruned.folders.begin(), pruned.folders.end())},
                 {"dry_run", dry_run}};
  if (lines.empty()) {
    answer.message = "Nothing is there that no cluster and no start of this skiff uses.";
  } else {
    answer.text = (dry_run ? "Would remove:\n" : "Removed:\n") + join(lines, "\n") + "\n";
  }
  return answer;
}

}  // namespace

Command node_image_prune_command() {
  return {
      .name = "node-image prune",
      .group = Group::images,
      .summary = "Remove the images of earlier versions of skiff",
      .help =
          "Removes node images that this skiff does not make, that no profile has and no node is made from, and what\n"
          "the cache holds for them. Clusters that exist keep theirs.\n\n"
          "Examples\n"
          "  skiff node-image prune --dry-run\n"
          "  skiff node-image prune --driver libvirt",
      .flags = {{"dry-run", 0, "", "say what would be removed, and remove nothing"},
                {"driver", 'd', "NAME", "whose node images: docker (default) or libvirt"},
                {"libvirt-uri", 0, "URI", "where libvirt is (default qemu:///system)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
