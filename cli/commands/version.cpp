// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/text/columns.h"
#include "images/node_image.h"
#include "images/recipe.h"
#include "model/versions.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args& args) {
  using namespace versions;
  if (args.has("short")) return Answer{.text = std::string(skiff) + "\n", .data = {{"skiff", skiff}, {"short", true}}};
  auto known = images::kubernetes_versions();
  const std::vector<std::string> older(known.begin() + 1, known.end());
  const std::vector<std::vector<std::string>> rows = {{"skiff", std::string(skiff)},
                                                      {"kubernetes", std::string(kubernetes)},
                                                      {"also for", join(older, ", ")},
                                                      {"containerd", std::string(containerd)},
                                                      {"coredns", std::string(coredns)},
                                                      {"etcd", std::string(etcd)},
                                                      {"node image", images::node_image_reference()}};
  JsonObject data;
  for (const auto& row : rows) data[row[0] == "node image" ? "node_image" : row[0]] = row[1];
  data.erase("also for");
  data["kubernetes_versions"] = JsonArray(known.begin(), known.end());
  return Answer{.text = to_columns(rows), .data = std::move(data)};
}

}  // namespace

Command version_command() {
  return {
      .name = "version",
      .group = Group::settings,
      .summary = "Show the versions of skiff and of what it installs",
      .help = "Examples\n  skiff version\n  skiff version --short",
      .flags = {{"short", 0, "", "only skiff's own version"}},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
