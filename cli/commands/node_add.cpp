#include "cli/command.h"
#include "cluster/start/start.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  cluster::StartRequest request;
  request.profile = TRY(session.profile());
  request.nodes = TRY(session.home.store.get(request.profile)).nodes + 1;
  request.keep_context = true;
  request.wait_timeout = TRY(args.duration("wait-timeout"));
  const auto report = TRY(cluster::start(session.ctx, session.home, request));
  const std::string name = report.plan.back().node.name;
  return Answer{.message = "Added the node " + name + ".", .data = {{"added", name}, {"nodes", report.spec.nodes}}};
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
