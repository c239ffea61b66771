// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/renewal.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/strings.h"
#include "kube/node/outside.h"
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

namespace {

// Runs in a node with the new list's name and, behind it, files of nodes from before there were lists; the files come
// on its input. What an older list has and the new one has not goes; a service is started anew when the files that it
// reads at its start alone are others, or have just gone. The older list goes last, so that what was cut is done again.
constexpr auto take_outside = R"sh(set -eu
mkdir -p /etc/skiff/given && cd /etc/skiff/given
new=$1; shift
nothing() { printf '#containerd -\n#kubelet -\n' > "$1"; }
[ -n "$(ls)" ] || nothing none
there=$(ls)
tar -x -C /
[ -e "$new" ] || nothing "$new"
for path; do grep -qxF "$path" "$new" || rm -f "$path"; done
[ "$there" != "$new" ] || exit 0
restart=
for service in containerd kubelet; do
  was=-
  for list in $there; do [ "$list" = "$new" ] || was=$(sed -n "s/^#$service //p" "$list"); done
  [ "$(sed -n "s/^#$service //p" "$new")" = "$was" ] || restart="$restart $service"
done
for list in $there; do
  [ "$list" != "$new" ] || continue
  grep -v '^#' "$list" | { grep -vxFf "$new" || :; } | while IFS= read -r path; do rm -f "$path"; done
done
for service in $restart; do
  [ -e "/run/service/$service" ] || continue
  s6-svc -wr -T 20000 -r "/run/service/$service"
  [ "$service" = kubelet ] || until ctr version >/dev/null 2>&1; do sleep 0.05; done
done
for list in $there; do [ "$list" = "$new" ] || rm "$list"; done
[ ! -e /etc/skiff/containerd.env ] || grep -q containerd.env /etc/skiff/services/containerd/run || echo old
)sh";
constexpr auto nothing_given = "none";  // the list of a node that is given nothing

std::string name_of_list(const std::string& digest) { return digest.empty() ? nothing_given : digest; }

Result<void> give_outside(const Context& ctx, const Cluster& cluster, const kube::OutsideFiles& outside,
                          const std::vector<std::string>& old_files) {
  std::vector<std::string> command = {"sh", "-c", take_outside, "take-outside", name_of_list(outside.digest)};
  command.insert(command.end(), old_files.begin(), old_files.end());
  FileTree tree;
  tree.files = outside.files;
  const std::string archive = to_tar(tree);
  const auto nodes = names_of(cluster.spec);
  return parallel_for(ctx, nodes, [&](const Context& c, const NodeName& node) -> Result<void> {
    const auto done = TRY(capture(c, *cluster.driver, cluster.node(node.name), command, archive));
    if (done.exit_code == 0 && trim(done.out) != "old") return {};
    if (done.exit_code == 0) {
      ctx.events->warning("The node image of " + node.name +
                          " is of an older skiff, and its containerd takes no proxy: make the cluster anew");
      return {};
    }
    Error error = make_error(ErrorId::node_command_failed,
                             "The node " + node.name + " did not take proxies, authorities and registries");
    error.trail.emplace_back(trim(done.err));
    return error;
  });
}

}  // namespace

Result<void> renew_outside(const Context& ctx, const Home& home, const PlacedSpec& spec,
                           const std::shared_ptr<drivers::Driver>& driver, const std::optional<ClusterSpec>& before,
                           const Supplies& supplies, Undo& undo) {
  if (!before || before->given == spec.given) return {};
  std::vector<std::string> old_files;
  for (const auto& file : kube::registry_files(before->registries)) old_files.push_back(file.path);
  Step step(*ctx.events, "outside", "Telling the nodes of proxies, authorities and registries");
  const Cluster cluster{spec, driver};
  undo.add([&home, cluster, was = PlacedSpec(*before, spec.node_subnet)](const Context& c) -> Result<void> {
    return give_outside(c, cluster, kube::outside_files(was, TRY(from_user(c, home, was)).outside), {});
  });
  TRY(give_outside(ctx, cluster, kube::outside_files(spec, supplies.outside), old_files));
  step.done();
  return {};
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
