// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto changes = TRY(cluster::enable_addons(session.ctx, session.home, TRY(addon_request(session, args))));
  Answer answer;
  JsonArray data;
  for (const auto& change : changes) {
    data.push_back(change_data(change));
    if (change.applied && !change.notes.empty()) answer.message += change.notes;
  }
  answer.data["addons"] = std::move(data);
  return answer;
}

}  // namespace

Command addons_enable_command() {
  return {
      .name = "addons enable",
      .group = Group::applications,
      .summary = "Add addons to the cluster, and wait until they work",
      .help =
          "An addon that does not come to work is taken back. Enabled addons are applied again by every start;\n"
          "while the cluster is stopped they are only noted down.\n\n"
          "Examples\n"
          "  skiff addons enable ingress\n"
          "  skiff addons enable ingress --set statusAddress=127.0.0.1",
      .positionals = {"ADDON...", 1, any_number},
      .flags = addon_flags(),
      .run = run,
  };
}

}  // namespace skiff::cli
