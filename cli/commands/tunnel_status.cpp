// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/nodes/node_access.h"
#include "cluster/reach/agent.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string profile = TRY(session.profile());
  const auto opened = TRY(cluster::open_profile(session.home, profile));
  const bool detached = cluster::has_parked_tunnel(session.home, profile);
  const bool runs = cluster::find_node(session.ctx, opened, "").ok();
  const auto status = cluster::tunnel_status(session.home, profile);
  Answer answer{.data = {{"running", status.process.has_value()}, {"services", cluster::to_json(status.entries)}}};
  if (!status.process && detached) {
    answer.message = runs ? "The tunnel in the background has broken off. 'skiff tunnel --detach -p " + profile +
                                "' starts it again."
                          : "The cluster does not run. 'skiff start -p " + profile + "' brings the tunnel back.";
    return answer;
  }
  if (!status.process) {
    answer.message = "There is no tunnel. 'skiff tunnel -p " + profile + "' starts one.";
    return answer;
  }
  answer.data["process"] = status.process->pid;
  std::vector<std::vector<std::string>> rows = {{"SERVICE", "ADDRESS", "PORTS", "PROBLEM"}};
  for (const auto& entry : status.entries) {
    rows.push_back({entry.name, entry.address, join(entry.ports, ","), entry.problem});
  }
  answer.text = to_columns(rows);
  return answer;
}

}  // namespace

Command tunnel_status_command() {
  return {
      .name = "tunnel status",
      .group = Group::applications,
      .summary = "Show what the tunnel serves, and what it cannot",
      .help = "Example\n  skiff tunnel status -o json",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
