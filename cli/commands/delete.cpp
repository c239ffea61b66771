#include "base/strings.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

// Commands would go on to look for a cluster that is gone. Settings that cannot be read are left alone.
Result<void> forget_choice(const Session& session, const std::string& profile) {
  const auto settings = load_settings(session.home.folder());
  if (!settings || !settings->contains("profile") || settings->at("profile") != profile) return {};
  return change_setting(session.ctx, session.home.folder(), "profile", std::nullopt);
}

Result<Answer> run(Session& session, const Args& args) {
  std::vector<std::string> profiles;
  if (args.has("all")) {
    profiles = session.home.store.names();
  } else {
    profiles = {TRY(session.profile())};
  }
  for (const auto& profile : profiles) {
    TRY(cluster::remove(session.ctx, session.home, profile));
    TRY(forget_choice(session, profile));
  }

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
      .flags = {{"all", 0, "", "delete every cluster of this home; those of others stay"}},
      .run = run,
  };
}

}  // namespace skiff::cli
