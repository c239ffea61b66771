// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/command.h"
#include "cluster/start/start.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  cluster::StartRequest request;
  request.profile = TRY(session.profile());
  const auto before = TRY(session.home.store.get(request.profile));
  if (args.has("control-plane")) {
    request.more_control_planes = 1;
  } else {
    request.nodes = node_count(before) + 1;
  }
  request.keep_context = true;
  request.wait_timeout = TRY(args.duration("wait-timeout"));
  if (const auto cpus = args.text("cpus")) {
    request.new_nodes.cpus = cluster::is_all(*cpus) ? cluster::all_cpus : TRY(parse_number(*cpus, "--cpus"));
  }
  request.new_nodes.memory = args.text("memory");
  request.new_nodes.labels = args.list("label");
  request.new_nodes.taints = args.list("taint");
  const auto report = TRY(cluster::start(session.ctx, session.home, request));
  const auto added = std::ranges::find_if(report.spec.nodes, [&](const Member& member) {
    return std::ranges::find(before.nodes, member) == before.nodes.end();
  });
  const std::string name = name_of(report.spec, *added);
  return Answer{.message = "Added the node " + name + ".",
                .data = {{"added", name}, {"nodes", node_count(report.spec)}}};
}

}  // namespace

Command node_add_command() {
  return {
      .name = "node add",
      .group = Group::nodes,
      .summary = "Add a node to a cluster",
      .help =
          "The same as 'skiff start' with one more of --nodes. A size that is not given is the cluster's. An even "
          "number of\ncontrol planes survives no more losses than one less: add two, or use 'skiff start --ha'.\n\n"
          "Examples\n"
          "  skiff node add -p lab\n"
          "  skiff node add -p lab --control-plane\n"
          "  skiff node add --cpus 4 --memory 8g --label tier=db --taint dedicated=db:NoSchedule",
      .flags = {{"control-plane", 0, "", "one more control plane; a worker otherwise"},
                {"cpus", 0, "N", "CPUs of the node, or max"},
                {"memory", 0, "SIZE", "memory of the node, such as 2g, or max"},
                {"label", 0, "KEY=VALUE", "a label of the node; repeatable"},
                {"taint", 0, "KEY=VALUE:EFFECT", "keep pods off that do not tolerate it; repeatable"},
                {"wait-timeout", 0, "TIME", "how long to wait, such as 90s (default 6m)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
