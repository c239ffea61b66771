// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_access.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/nodes/control_planes.h"

namespace skiff::cluster {

std::vector<drivers::NodeId> running_ids(const std::vector<drivers::ObservedNode>& nodes) {
  std::vector<drivers::NodeId> ids;
  for (const auto& node : nodes) {
    if (node.state == drivers::NodeState::running) ids.push_back(node.id);
  }
  return ids;
}

Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Cluster& cluster) {
  auto nodes = TRY(cluster.nodes(ctx));
  std::erase_if(nodes, [](const auto& node) { return node.state != drivers::NodeState::running; });
  const auto wanted = cluster.spec.nodes.size();
  if (nodes.empty() || nodes.size() >= wanted) return nodes;
  return make_error(ErrorId::cluster_not_running,
                    "Only " + std::to_string(nodes.size()) + " of " + std::to_string(wanted) + " nodes run",
                    "Start the others with 'skiff start -p " + cluster.spec.profile + "'");
}

Result<std::vector<drivers::NodeId>> running_nodes(const Context& ctx, const Cluster& cluster) {
  auto ids = running_ids(TRY(all_or_no_nodes(ctx, cluster)));
  if (!ids.empty()) return ids;
  return make_error(ErrorId::cluster_not_running, "The cluster '" + cluster.spec.profile + "' does not run",
                    "Start it with 'skiff start -p " + cluster.spec.profile + "'");
}

Result<Member> find_member(const ClusterSpec& spec, const std::string& name) {
  if (const auto member = member_named(spec, name)) return *member;
  std::vector<std::string> known;
  for (const auto& node : names_of(spec)) known.push_back(short_node_name(spec.profile, node.name));
  return make_error(ErrorId::node_not_found, "There is no node '" + name + "'" + did_you_mean(name, known));
}

namespace {

// One of several that run can be started by itself.
Error does_not_run(const std::string& node, const std::string& cluster,
                   const std::vector<drivers::ObservedNode>& nodes) {
  const bool others = std::ranges::any_of(nodes, [](const auto& n) { return n.state == drivers::NodeState::running; });
  return make_error(
      ErrorId::cluster_not_running, "The node " + node + " does not run",
      "Start it with 'skiff " + (others ? "node start " + node : std::string("start")) + " -p " + cluster + "'");
}

// Of the control planes; the first of all when none does.
std::string first_that_runs(const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes) {
  const auto running = running_control_planes(spec, nodes);
  return running.empty() ? control_plane_of(spec) : running.front();
}

Result<drivers::NodeId> find_among(const std::vector<drivers::ObservedNode>& nodes, const ClusterSpec& spec,
                                   const std::string& name) {
  const std::string& cluster = spec.profile;
  const auto member = member_named(spec, name);
  const bool primary = name.empty() || (name == cluster && !member);
  const std::string wanted = primary ? first_that_runs(spec, nodes) : member ? name_of(spec, *member) : name;
  std::vector<std::string> known;
  for (const auto& node : nodes) {
    known.push_back(node.id.name);
    if (node.id.name != wanted) continue;
    if (node.state == drivers::NodeState::running) return node.id;
    return does_not_run(node.id.name, cluster, nodes);
  }
  if (known.empty()) {
    return make_error(ErrorId::cluster_not_running, "The cluster '" + cluster + "' has no nodes",
                      "Start it with 'skiff start -p " + cluster + "'");
  }
  return make_error(ErrorId::node_not_found, "There is no node '" + wanted + "'" + did_you_mean(wanted, known));
}

}  // namespace

Result<drivers::NodeId> find_node(const Context& ctx, const Cluster& cluster, const std::string& name) {
  return find_among(TRY(cluster.nodes(ctx)), cluster.spec, name);
}

Result<LiveCluster> open_running(const Context& ctx, const Home& home, const std::string& profile) {
  auto cluster = TRY(open_profile(home, profile));
  const auto nodes = TRY(cluster.nodes(ctx));
  TRY(find_among(nodes, cluster.spec, ""));
  auto access = TRY(api_access(home, cluster.spec, nodes));
  return LiveCluster(std::move(cluster), std::move(access));
}

}  // namespace skiff::cluster
