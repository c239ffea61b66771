// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/kept_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  TRY(cluster::keep_images(session.ctx, session.home, TRY(session.profile()), args.words));
  return Answer{.data = {{"added", JsonArray(args.words.begin(), args.words.end())}}};
}

}  // namespace

Command cache_add_command() {
  return {
      .name = "cache add",
      .group = Group::images,
      .summary = "Load images now and at every start of the profile",
      .help =
          "The list holds names; the images stay in this host's Docker (or in the archives that are named), and a "
          "start\n"
          "takes them from there. What all nodes have already is not loaded again.\n\n"
          "Example\n  skiff cache add my-base:1.0 -p lab",
      .positionals = {"IMAGE|FILE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
