// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/request/written_cluster.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = args.words.empty() ? TRY(session.profile()) : args.words[0];
  const auto spec = TRY(session.home.store.get(profile));
  const auto written = cluster::written_cluster(spec);
  Answer answer;
  for (const auto& each : written.left_out) answer.text += "# Left out: " + each + "\n";
  answer.text += to_yaml(written.file) + "\n";
  answer.data["cluster"] = written.file;
  answer.data["left_out"] = boost::json::value_from(written.left_out);
  return answer;
}

}  // namespace

Command profile_export_command() {
  return {
      .name = "profile export",
      .group = Group::cluster,
      .summary = "Write a cluster as a file from which 'skiff start -f' makes it again",
      .help =
          "What a file cannot say, or must not, such as a proxy's password, stands in comments. Manifests that were "
          "applied are the API's, and not in it.\n\n"
          "Examples\n"
          "  skiff profile export lab > cluster.yaml\n"
          "  skiff start -f cluster.yaml -p second      another like it",
      .positionals = {"NAME", 0, 1},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
