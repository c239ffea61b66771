// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/status.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const auto status = TRY(cluster::status(session.ctx, session.home, TRY(session.profile())));
  std::vector<std::vector<std::string>> rows;
  JsonArray items;
  for (const auto& node : status.nodes) {
    rows.push_back({node.name, to_string(node.address), node.host});
    items.push_back(JsonObject{{"name", node.name}, {"address", to_string(node.address)}, {"host", node.host}});
  }
  return Answer{.text = to_columns(rows), .data = {{"nodes", std::move(items)}}};
}

}  // namespace

Command node_list_command() {
  return {
      .name = "node list",
      .group = Group::nodes,
      .summary = "List the nodes of a cluster with their addresses",
      .help = "Example\n  skiff node list -p lab",
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
