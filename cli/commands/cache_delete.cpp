// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/images/kept_images.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto profiles =
      TRY(cluster::profiles_with_lists(session.home, TRY(session.profile()), session.given_profile.has_value()));
  Result<void> forgotten;
  bool any = false;
  for (const auto& profile : profiles) {
    auto done = cluster::forget_images(session.ctx, session.home, profile, args.words);
    any = any || done.ok();
    if (!done.ok() && done.error().id != ErrorId::image_not_found) return done.error();
    if (!done.ok()) forgotten = std::move(done);
  }
  if (!any) TRY(forgotten);
  return Answer{.data = {{"deleted", JsonArray(args.words.begin(), args.words.end())}}};
}

}  // namespace

Command cache_delete_command() {
  return {
      .name = "cache delete",
      .group = Group::images,
      .summary = "Take images from the list that every start loads",
      .help =
          "Nodes that have them keep them; 'skiff image rm' removes them there.\n\n"
          "Example\n  skiff cache delete my-base:1.0 -p lab",
      .positionals = {"IMAGE|FILE...", 1, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
