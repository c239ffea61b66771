#include "base/strings.h"
#include "cli/command.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  std::vector<std::string> profiles;
  if (args.has("all")) {
    profiles = TRY(cluster::all_profiles(session.ctx, session.services));
  } else {
    profiles = {TRY(session.profile())};
  }
  for (const auto& profile : profiles) TRY(cluster::remove(session.ctx, session.services, profile));

  Answer answer;
  answer.data["deleted"] = JsonArray(profiles.begin(), profiles.end());
  answer.message = profiles.empty() ? "There is no cluster." : "Deleted: " + join(profiles, ", ") + ".";
  return answer;
}

}  // namespace

Command delete_command() {
  return {
      .name = "delete",
      .group = Group::cluster,
      .summary = "Delete a cluster with all that belongs to it",
      .help =
          "Removes nodes, network, volumes, kubeconfig entries and the profile, also of a half-made cluster.\n\n"
          "Examples\n"
          "  skiff delete -p lab\n"
          "  skiff delete --all",
      .flags = {{"all", 0, "", "delete every cluster"}},
      .run = run,
  };
}

}  // namespace skiff::cli
