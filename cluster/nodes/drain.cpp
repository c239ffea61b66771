// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/drain.h"

#include <algorithm>
#include <set>

#include "base/parallel.h"
#include "kube/resource.h"

namespace skiff::cluster {
namespace {

const kube::Resource node_resource{"v1", "nodes", false};
const kube::Resource pod_resource{"v1", "pods", true};

constexpr std::string_view closed_mark = "skiff.dev/closed-for-now";

// A DaemonSet's pods come back at once, and what has ended holds nothing up.
bool is_evicted(const Json& pod) {
  const std::string phase = text_at(pod, "status.phase");
  return phase != "Succeeded" && phase != "Failed" &&
         std::ranges::none_of(array_at(pod, "metadata.ownerReferences"),
                              [](const Json& owner) { return text_at(owner, "kind") == "DaemonSet"; });
}

Result<void> evict(const Context& ctx, kube::Client& client, const Json& pod) {
  const std::string ns = text_at(pod, "metadata.namespace");
  const std::string name = text_at(pod, "metadata.name");
  const JsonObject eviction{
      {"apiVersion", "policy/v1"}, {"kind", "Eviction"}, {"metadata", JsonObject{{"name", name}, {"namespace", ns}}}};
  const auto evicted = client.create(ctx, kube::path_of(pod_resource, ns, name) + "/eviction", eviction);
  if (!evicted.ok() && evicted.error().id != ErrorId::kube_not_found) return evicted.error();
  return {};
}

}  // namespace

Result<bool> is_closed(const Context& ctx, kube::Client& client, const std::string& node) {
  const auto object = client.get(ctx, kube::path_of(node_resource, "", node));
  if (object.ok()) return bool_at(*object, "spec.unschedulable");
  return object.error().id == ErrorId::kube_not_found ? Result<bool>(false) : object.error();
}

Result<void> set_schedulable(const Context& ctx, kube::Client& client, const std::string& node, bool schedulable) {
  const JsonObject patch{{"spec", JsonObject{{"unschedulable", !schedulable}}}};
  const auto patched = client.merge_patch(ctx, kube::path_of(node_resource, "", node), patch);
  if (!patched.ok() && patched.error().id != ErrorId::kube_not_found) return patched.error();
  return {};
}

Result<void> close_for_now(const Context& ctx, kube::Client& client, const std::string& node) {
  if (TRY(is_closed(ctx, client, node))) return {};
  const JsonObject patch{{"metadata", JsonObject{{"annotations", JsonObject{{closed_mark, "true"}}}}},
                         {"spec", JsonObject{{"unschedulable", true}}}};
  TRY(client.merge_patch(ctx, kube::path_of(node_resource, "", node), patch));
  return {};
}

bool is_closed_for_now(const Json& node) {
  const Json* annotations = find(node, "metadata.annotations");
  const auto* all = annotations != nullptr ? annotations->if_object() : nullptr;
  return all != nullptr && all->contains(closed_mark);
}

Result<void> reopen(const Context& ctx, kube::Client& client, const std::string& node) {
  if (!is_closed_for_now(TRY(client.get(ctx, kube::path_of(node_resource, "", node))))) return {};
  const JsonObject patch{{"metadata", JsonObject{{"annotations", JsonObject{{closed_mark, nullptr}}}}},
                         {"spec", JsonObject{{"unschedulable", false}}}};
  TRY(client.merge_patch(ctx, kube::path_of(node_resource, "", node), patch));
  return {};
}

Result<void> drain(const Context& ctx, kube::Client& client, const std::string& node) {
  TRY(set_schedulable(ctx, client, node, false));
  std::set<std::string> leaving;
  std::vector<Json> pods;
  for (auto& pod : TRY(client.list(ctx, pod_resource, ""))) {
    if (text_at(pod, "spec.nodeName") != node || !is_evicted(pod)) continue;
    leaving.insert(text_at(pod, "metadata.uid"));
    pods.push_back(std::move(pod));
  }
  TRY(parallel_for(ctx, pods, [&](const Context& c, const Json& pod) { return evict(c, client, pod); }));
  const auto gone = [&](const kube::Client::Objects& all) {
    return std::ranges::none_of(
        all, [&](const auto& each) { return leaving.contains(text_at(each.second, "metadata.uid")); });
  };
  return client.wait(ctx, pod_resource, "", "", gone, "the pods of " + node + " to leave it");
}

}  // namespace skiff::cluster
