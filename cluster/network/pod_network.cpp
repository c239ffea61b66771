// SPDX-License-Identifier: Apache-2.0
#include "cluster/network/pod_network.h"

#include <algorithm>

#include "addons/objects.h"
#include "base/strings.h"

namespace skiff::cluster {
namespace {

// The API knows a kind a moment after its definition was applied; nothing tells of that moment but the definition's
// status, which need not be of this very object's kind.
constexpr auto until_established = std::chrono::seconds(20);
constexpr auto between = std::chrono::milliseconds(100);

Result<void> apply_one(const Context& ctx, kube::Client& client, const Json& object) {
  for (const Deadline end = Deadline::in(until_established);;) {
    auto applied = client.apply(ctx, object);
    if (applied.ok()) return {};
    if (applied.error().id != ErrorId::kube_not_found || end.passed()) return std::move(applied).error();
    TRY(ctx.pause(between));
  }
}

}  // namespace

Result<bool> has_network(const Context& ctx, const Cluster& cluster) {
  if (cluster.spec.pod_network.kind != PodNetwork::Kind::none) return true;
  const auto node = cluster.node(control_plane_of(cluster.spec));
  const auto found = TRY(drivers::capture(ctx, *cluster.driver, node, {"ls", "/etc/cni/net.d"}));
  return found.exit_code == 0 && !trim(found.out).empty();
}

Result<void> apply_network(const Context& ctx, LiveCluster& cluster, std::vector<Json> objects) {
  if (objects.empty()) return {};
  // Before the API refuses for good, it refuses what it will soon accept.
  TRY(kube::await_default_account(ctx, cluster.client));
  Step step(*ctx.events, "pod-network", "Applying the manifests of the pods' network");
  std::ranges::stable_sort(objects, {}, addons::rank_of);
  for (const auto& object : objects) {
    TRY(with_trail(apply_one(ctx, cluster.client, object), "while applying the " + addons::identity(object)));
  }
  step.done();
  return {};
}

}  // namespace skiff::cluster
