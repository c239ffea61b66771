#include "cluster/start/renewal.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/strings.h"
#include "kube/node/registry_hosts.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;
using drivers::ObservedNode;

enum class Life { long_enough, runs_out, over };

// A tenth of their time, and no more than a month.
std::int64_t soon(const KubernetesSettings& settings) {
  constexpr std::int64_t month = 30 * 24 * 60 * 60;
  return settings.certificate_seconds == 0 ? month : std::min(month, settings.certificate_seconds / 10);
}

Result<Life> life_of(const Context& ctx, const Cluster& cluster, const ObservedNode& node) {
  const std::string file = "/etc/kubernetes/pki/kubelet.crt";  // all of a node's are of the same age
  const std::string check = "openssl x509 -noout -in " + file + " -checkend ";
  const auto asked =
      capture(ctx, *cluster.driver, node.id,
              {"sh", "-c",
               "[ -x /usr/bin/openssl ] && [ -s " + file + " ] || exit 0; " + check + "0 >/dev/null || exit 2; " +
                   check + std::to_string(soon(cluster.spec.kubernetes)) + " >/dev/null || exit 1"});
  if (!asked.ok() && asked.error().id == ErrorId::interrupted) return asked.error();
  if (!asked.ok()) return Life::long_enough;
  return asked->exit_code == 2 ? Life::over : asked->exit_code == 1 ? Life::runs_out : Life::long_enough;
}

}  // namespace

Result<bool> certificates_run_out(const Context& ctx, const Cluster& cluster, const std::vector<ObservedNode>& nodes) {
  if (cluster.spec.no_kubernetes) return false;
  std::vector<ObservedNode> running;
  for (const auto& node : nodes) {
    if (node.state == NodeState::saved || node.state == NodeState::paused) return false;
    if (node.state == NodeState::running) running.push_back(node);
  }
  const auto lives = TRY(parallel_map(
      ctx, running, [&](const Context& c, const ObservedNode& node) { return life_of(c, cluster, node); }));
  const Life shortest = lives.empty() ? Life::long_enough : std::ranges::max(lives);
  if (shortest == Life::long_enough) return false;
  ctx.events->warning(std::string("The certificates of the cluster ") +
                      (shortest == Life::over ? "have expired" : "expire soon") +
                      ": its nodes start anew, with new ones");
  return true;
}

Result<void> renew_registries(const Context& ctx, const Cluster& cluster, const Registries& before,
                              const std::vector<NodeName>& nodes) {
  if (before == cluster.spec.registries) return {};
  FileTree tree;
  tree.files = kube::registry_files(cluster.spec.registries);
  std::vector<std::string> command = {"sh", "-c", "rm -f \"$@\" && tar -x -C /", "renew"};
  for (const auto& file : kube::registry_files(before)) command.push_back(file.path);
  const std::string archive = to_tar(tree);
  return parallel_for(ctx, nodes, [&](const Context& c, const NodeName& node) -> Result<void> {
    const auto done = TRY(capture(c, *cluster.driver, cluster.node(node.name), command, archive));
    if (done.exit_code == 0) return {};
    Error error = make_error(ErrorId::node_command_failed, "The node " + node.name + " was not told of the registries");
    error.trail.emplace_back(trim(done.err));
    return error;
  });
}

}  // namespace skiff::cluster
