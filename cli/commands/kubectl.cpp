#include "cli/command.h"
#include "images/node_image.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto spec = TRY(session.services.store.get(TRY(session.profile())));
  const auto cached = images::cached_node_image();
  std::vector<std::string> argv = {cached.image.kubectl, "--context", spec.profile};
  if (argv[0].empty()) argv[0] = "kubectl";
  argv.insert(argv.end(), args.words.begin(), args.words.end());
  Error error = sys::exec_replace(argv, {});
  if (error.id == ErrorId::tool_not_found) error.advice = "'skiff node-image build' makes a kubectl too";
  return error;
}

}  // namespace

Command kubectl_command() {
  return {
      .name = "kubectl",
      .group = Group::nodes,
      .summary = "Run kubectl against a cluster",
      .help =
          "Runs the kubectl that was built with the node image, else the one on PATH, with the cluster's context.\n\n"
          "Examples\n"
          "  skiff kubectl -- get pods -A\n"
          "  skiff -p lab kubectl -- apply -f app.yaml",
      .positionals = {"-- ARGUMENTS...", 0, any_number},
      .run = run,
  };
}

}  // namespace skiff::cli
