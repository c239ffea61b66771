#include <algorithm>

#include "cli/command.h"
#include "cluster/start/start.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  cluster::StartRequest request;
  request.profile = TRY(session.profile());
  const auto before = TRY(session.home.store.get(request.profile));
  request.nodes = node_count(before) + 1;
  request.keep_context = true;
  request.wait_timeout = TRY(args.duration("wait-timeout"));
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
      .summary = "Add a worker to a cluster",
      .help =
          "The same as 'skiff start' with one more of --nodes.\n\n"
          "Example\n  skiff node add -p lab",
      .flags = {{"wait-timeout", 0, "TIME", "how long to wait, such as 90s (default 6m)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
