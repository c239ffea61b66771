#include "cluster/start/renewal.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/strings.h"
#include "kube/node/registry_hosts.h"
#include "model/file_tree.h"

namespace skiff::cluster {
namespace {

using drivers::NodeState;
using drivers::ObservedNode;

enum class Life { long_enough, runs_out, over };

// A tenth of their time, and no more than a month.
std::int64_t soon(const KubernetesSettings& settings) {
  constexpr std::int64_t month = std::int64_t{30} * 24 * 60 * 60;
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
    if (drivers::sleeps(node.state)) return false;
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

namespace {

Result<void> give(const Context& ctx, const Cluster& cluster, const std::string& node, const FileTree& tree) {
  const auto done = TRY(capture(ctx, *cluster.driver, cluster.node(node),
                                {"sh", "-c", "tar -x -C / && exec /usr/lib/skiff/renew"}, to_tar(tree)));
  if (done.exit_code == 0) return {};
  Error error = make_error(ErrorId::node_command_failed, "The node " + node + " did not take its new settings");
  error.trail.emplace_back(trim(done.err));
  return error;
}

Result<void> give_all(const Context& ctx, const Cluster& cluster, const PlacedSpec& spec, const Supplies& supplies,
                      const std::vector<NodeSpec>& nodes) {
  return parallel_for(ctx, nodes, [&](const Context& c, const NodeSpec& node) -> Result<void> {
    return give(c, cluster, node.name, TRY(tree_of(spec, node, supplies)));
  });
}

}  // namespace

Result<void> renew_api_address(const Context& ctx, const PlacedSpec& spec, const std::optional<ClusterSpec>& before,
                               const std::shared_ptr<drivers::Driver>& driver, const std::vector<PlannedNode>& plan,
                               const Supplies& supplies, Undo& undo) {
  if (!shares_api(spec)) return {};
  const Cluster cluster{spec, driver};
  const std::string mark = "API_SERVER='" + api_of(spec).authority() + "'";
  std::vector<NodeSpec> old;  // control planes first
  for (const auto& node : nodes_of(spec)) {
    const auto planned = std::ranges::find(plan, node.name, [](const PlannedNode& each) { return each.node.name; });
    if (planned == plan.end() || planned->action != NodeAction::keep) continue;
    const auto told =
        TRY(capture(ctx, *driver, cluster.node(node.name), {"grep", "-qxF", mark, "/etc/skiff/node.env"}));
    if (told.exit_code != 0) old.push_back(node);
  }
  if (old.empty()) return {};
  Step step(*ctx.events, "renew", "Leading the nodes to the address that several control planes share");
  if (before && !shares_api(*before)) {
    undo.add([cluster, old, supplies, was = PlacedSpec(*before, spec.node_subnet)](const Context& c) {
      return give_all(c, cluster, was, supplies, old);
    });
  }
  TRY(give_all(ctx, cluster, spec, supplies, old));
  step.done();
  return {};
}

}  // namespace skiff::cluster
