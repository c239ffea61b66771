// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  const auto id = TRY(cluster::find_node(session.ctx, opened, args.text("node").value_or("")));
  const std::string address = to_string(address_of(opened.spec, id.name).value_or(Ipv4()));
  return Answer{.text = address + "\n", .data = {{"node", id.name}, {"address", address}}};
}

}  // namespace

Command ip_command() {
  return {
      .name = "ip",
      .group = Group::nodes,
      .summary = "Print the address of a node",
      .help = "Example\n  skiff ip -n w1",
      .flags = {{"node", 'n', "NODE", "which node (default: the control plane)"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
