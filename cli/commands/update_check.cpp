// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "model/versions.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args&) {
  const std::string version(versions::skiff);
  return Answer{.text = "CurrentVersion: " + version + "\n",
                .message = "skiff asks nobody for newer versions: pull its repository and build it again to update.",
                .data = {{"current_version", version}, {"latest_version", nullptr}}};
}

}  // namespace

Command update_check_command() {
  return {
      .name = "update-check",
      .group = Group::settings,
      .summary = "Show the version of skiff; it looks for no newer one by itself",
      .help = "Example\n  skiff update-check",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
