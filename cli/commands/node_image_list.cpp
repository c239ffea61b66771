// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/own_image.h"
#include "drivers/driver_table.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string name = args.text("driver").value_or(std::string(drivers::all_drivers().front().name));
  const auto driver = TRY(session.home.make_driver(name, args.text("libvirt-uri").value_or("")));
  std::vector<std::vector<std::string>> rows = {{"IMAGE", "SIZE", "CURRENT"}};
  JsonArray items;
  for (const auto& image : TRY(driver->images(session.ctx))) {
    const bool current = cluster::is_own_image(image.reference);
    rows.push_back({image.reference, std::to_string(image.bytes >> 20) + " MiB", current ? "*" : ""});
    items.push_back(JsonObject{{"reference", image.reference}, {"bytes", image.bytes}, {"current", current}});
  }
  Answer answer;
  answer.data["images"] = std::move(items);
  if (rows.size() == 1) {
    answer.message = "There is none yet. 'skiff node-image build' makes one.";
  } else {
    answer.text = to_columns(rows);
  }
  return answer;
}

}  // namespace

Command node_image_list_command() {
  return {
      .name = "node-image list",
      .group = Group::images,
      .summary = "List the node images there are",
      .help = "CURRENT marks the one that this skiff makes new clusters from.\n\nExample\n  skiff node-image list",
      .flags = {{"driver", 'd', "NAME", "whose images: docker (default) or libvirt"},
                {"libvirt-uri", 0, "URI", "where libvirt is (default qemu:///system)"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
