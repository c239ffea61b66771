// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/kept_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  TRY(cluster::load_kept_images(session.ctx, session.home, TRY(session.profile())));
  return Answer{};
}

}  // namespace

Command cache_reload_command() {
  return {
      .name = "cache reload",
      .group = Group::images,
      .summary = "Load the images of the list into the nodes",
      .help =
          "Every start does this.\n\n"
          "Example\n  skiff cache reload -p lab",
      .run = run,
  };
}

}  // namespace skiff::cli
