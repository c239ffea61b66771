#include <ostream>

#include "cli/command.h"
#include "cli/terminal/tty.h"
#include "cluster/nodes/node_access.h"
#include "cluster/proxy.h"
#include "images/node_image.h"
#include "kube/kubeconfig.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

// The profile's own, whatever the user's kubeconfig says: a file, so that kubectl's plugins and children see it too.
Result<std::string> own_kubeconfig(const Session& session, const std::string& profile, const kube::Access& access) {
  const std::string path = session.home.store.folder(profile) + "/kubeconfig";
  const std::string old = TRY(sys::read_file_if_there(path)).value_or("");
  const auto renewed = kube::with_entry(old, path, access, kube::Current::set_if_none);  // a chosen namespace stays
  TRY(sys::write_atomic(path, renewed.ok() ? *renewed : kube::to_kubeconfig(access)));
  return path;
}

// No proxy stands between this host and its own nodes. Go reads the upper case first, others the lower.
std::map<std::string, std::string> environment(const std::string& kubeconfig, const std::string& server) {
  std::map<std::string, std::string> env = {{"KUBECONFIG", kubeconfig}};
  const std::string host = cluster::host_of(server);
  for (const std::string name : {"NO_PROXY", "no_proxy"}) {
    const auto old = sys::env(name);
    const std::string other = sys::env(name == "NO_PROXY" ? "no_proxy" : "NO_PROXY").value_or("");
    const std::string list = old.value_or(other);
    env[name] = list.empty() ? host : list + "," + host;
  }
  return env;
}

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
Error become(const std::vector<std::string>& words, const std::map<std::string, std::string>& env,
             std::string_view kubernetes = versions::kubernetes) {
  const auto cached = images::cached_node_image(kubernetes);
  std::vector<std::string> argv = {cached.image.kubectl};
  if (argv[0].empty()) argv[0] = "kubectl";
  argv.insert(argv.end(), words.begin(), words.end());
  Error error = sys::exec_replace(argv, env);
  if (error.id == ErrorId::tool_not_found) error.advice = "'skiff node-image build' makes a kubectl too";
  return error;
}

Result<Answer> run(Session& session, const Args& args) {
  if (args.has("own-kubeconfig")) return become(args.words, {});
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  if (opened.spec.no_kubernetes) return cluster::no_kubernetes(opened.spec);
  if (args.has("ssh")) return run_in_node(session, opened, args.words);
  const auto access = TRY(cluster::api_access(session.ctx, session.home, opened));
  return become(args.words, environment(TRY(own_kubeconfig(session, opened.spec.profile, access)), access.server),
                opened.spec.kubernetes_version);
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
