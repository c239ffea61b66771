// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/request/cluster_file.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args&) {
  const Json schema = cluster::cluster_file_schema();
  Answer answer;
  answer.text = to_pretty_text(schema);
  answer.data["schema"] = schema;
  return answer;
}

}  // namespace

Command config_schema_command() {
  return {
      .name = "config schema",
      .group = Group::settings,
      .summary = "Print what a cluster file may hold, as a JSON schema",
      .help =
          "Cluster files are for 'skiff start -f'; editors complete and check them by this schema.\n\n"
          "Example\n"
          "  skiff config schema > cluster.schema.json",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
