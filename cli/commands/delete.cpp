// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cluster/lifecycle.h"
#include "cluster/store/purge.h"

namespace skiff::cli {
namespace {

// Commands would go on to look for a cluster that is gone. Settings that cannot be read are left alone.
Result<void> forget_choice(const Session& session, const std::string& profile) {
  const auto settings = load_settings(session.home.folder());
  if (!settings || !settings->contains("profile") || settings->at("profile") != profile) return {};
  return change_setting(session.ctx, session.home.folder(), "profile", std::nullopt);
}

// Before anything is deleted: --purge would leave a home with clusters that nobody wanted to lose.
Result<void> check_purge(const Session& session, const std::vector<std::string>& profiles) {
  auto others = session.home.store.names();
  std::erase_if(others, [&](const auto& name) { return std::ranges::find(profiles, name) != profiles.end(); });
  if (others.empty()) return {};
  return make_error(ErrorId::usage,
                    "--purge takes away all of this home, and there are more clusters: " + join(others, ", "),
                    "Delete them too with 'skiff delete --all --purge'");
}

Result<void> purge(const Session& session, Answer& answer) {
  const auto left = TRY(cluster::purge(session.home));
  answer.data["purged"] = session.home.folder();
  answer.message += " Settings, logs and what was built are gone from " + session.home.folder() +
                    "; node images in "
                    "drivers, which others may use, are not.";
  if (!left.empty()) answer.message += " Not skiff's, so left there: " + join(left, ", ") + ".";
  return {};
}

Result<Answer> run(Session& session, const Args& args) {
  std::vector<std::string> profiles;
  if (args.has("all")) {
    profiles = session.home.store.names();
  } else {
    profiles = {TRY(session.profile())};
  }
  if (args.has("purge")) TRY(check_purge(session, profiles));
  for (const auto& profile : profiles) {
    TRY(cluster::remove(session.ctx, session.home, profile));
    TRY(forget_choice(session, profile));
  }

  Answer answer;
  answer.data["deleted"] = JsonArray(profiles.begin(), profiles.end());
  answer.message = profiles.empty() ? "There is no cluster." : "Deleted: " + join(profiles, ", ") + ".";
  if (args.has("purge")) TRY(purge(session, answer));
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
          "  skiff delete --all\n"
          "  skiff delete --all --purge    also settings, logs and all that was built",
      .flags = {{"all", 0, "", "delete every cluster of this home; those of others stay"},
                {"purge", 0, "", "then remove this home's settings, logs and what was built too"}},
      .run = run,
  };
}

}  // namespace skiff::cli
