// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/command.h"
#include "cli/own_kubectl.h"
#include "cli/terminal/tty.h"
#include "cluster/nodes/node_access.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

// In the control plane's node, with the credentials that lie there: for what this host cannot reach.
Result<Answer> run_in_node(Session& session, const cluster::Cluster& opened, const std::vector<std::string>& words) {
  constexpr int stdin_fd = 0;
  const auto node = TRY(cluster::find_node(session.ctx, opened, ""));
  drivers::ExecRequest request;
  request.argv = {"kubectl", "--kubeconfig=/etc/kubernetes/admin.conf"};
  request.argv.insert(request.argv.end(), words.begin(), words.end());
  request.out = [&](std::string_view bytes) { session.out << bytes << std::flush; };
  request.err = [&](std::string_view bytes) { session.err << bytes << std::flush; };
  if (carries_input(stdin_fd)) request.in = [](const Context& ctx) { return read_some(ctx, stdin_fd); };
  return Answer{.exit_code = TRY(opened.driver->exec(session.ctx, node, request))};
}

// Becomes kubectl.
Error become(const OwnKubectl& kubectl, const std::vector<std::string>& words) {
  std::vector<std::string> argv = {kubectl.program};
  argv.insert(argv.end(), words.begin(), words.end());
  Error error = sys::exec_replace(argv, kubectl.env);
  if (error.id == ErrorId::tool_not_found) error.advice = "'skiff node-image build' makes a kubectl too";
  return error;
}

Result<Answer> run(Session& session, const Args& args) {
  if (args.has("own-kubeconfig")) return become({kubectl_for(), {}}, args.words);
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  if (opened.spec.no_kubernetes) return cluster::no_kubernetes(opened.spec);
  if (args.has("ssh")) return run_in_node(session, opened, args.words);
  return become(TRY(own_kubectl(session, opened)), args.words);
}

}  // namespace

Command kubectl_command() {
  return {
      .name = "kubectl",
      .group = Group::nodes,
      .summary = "Run kubectl against a cluster",
      .help =
          "Runs the kubectl that was built with the node image, else the one on PATH, with credentials of the "
          "profile's own:\n"
          "KUBECONFIG and its contexts do not matter, nor does a proxy.\n\n"
          "Examples\n"
          "  skiff kubectl -- get pods -A\n"
          "  skiff -p lab kubectl -- apply -f app.yaml",
      .positionals = {"-- ARGUMENTS...", 0, any_number},
      .flags = {{"ssh", 0, "", "run the kubectl of the control plane's node, in it; files are then the node's"},
                {"own-kubeconfig", 0, "", "of whatever cluster your own kubeconfig leads to"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
