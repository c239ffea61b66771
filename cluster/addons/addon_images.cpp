// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_images.h"

#include <algorithm>
#include <mutex>

#include "addons/objects.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/images/node_images.h"
#include "cluster/own_image.h"
#include "images/build.h"
#include "images/recipe.h"

namespace skiff::cluster {
namespace {

// The node that the pods of a workload must run on; empty when they may run on several.
std::string pinned_node(const Json& object) {
  const Json* pods = addons::pod_template(object);
  const Json* selector = pods == nullptr ? nullptr : find(*pods, "spec.nodeSelector");
  if (selector == nullptr || !selector->is_object()) return {};
  const Json* host = selector->get_object().if_contains("kubernetes.io/hostname");
  return host != nullptr && host->is_string() ? std::string(host->get_string()) : "";
}

Result<bool> has_image(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                       const std::string& reference, const std::string& hash) {
  const std::string filter = "name==" + reference + ",labels.\"" + std::string(content_label) + "\"==" + hash;
  const auto found =
      TRY(drivers::capture(ctx, driver, node, {"ctr", "--namespace=k8s.io", "images", "list", "--quiet", filter}));
  return trim(found.out) == reference;
}

// This skiff's node image carries some images: those are in every node from its first moment.
Result<bool> is_carried(const ClusterSpec& spec, const std::string& recipe) {
  if (!is_own_image(spec.node_image)) return false;
  const auto carried = TRY(images::find_recipe("node")).images;
  return std::ranges::find(carried, recipe) != carried.end();
}

Result<void> provide_image(const Context& ctx, const Cluster& cluster, const addons::Image& image,
                           const std::vector<std::string>& nodes) {
  const std::string hash = TRY(images::content_hash(TRY(images::find_recipe(image.recipe))));
  std::mutex mutex;
  std::vector<drivers::NodeId> missing;
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const std::string& name) -> Result<void> {
    const drivers::NodeId node = cluster.node(name);
    if (TRY(has_image(c, *cluster.driver, node, image.reference, hash))) return {};
    const std::lock_guard lock(mutex);
    missing.push_back(node);
    return {};
  }));
  if (missing.empty()) return {};

  const auto archive = TRY(images::build_image(ctx, image.recipe));
  Step step(*ctx.events, "addon-images", "Loading " + image.reference);
  const std::string label = std::string(content_label) + '=' + hash;
  TRY(parallel_for(ctx, missing, [&](const Context& c, const drivers::NodeId& node) {
    return import_archive(c, *cluster.driver, node, archive.path, {"--label=" + label});
  }));
  step.done();
  return {};
}

}  // namespace

std::vector<std::string> nodes_with_image(const ClusterSpec& spec, const std::vector<Json>& objects,
                                          const std::string& image) {
  std::vector<std::string> pinned;
  for (const auto& object : objects) {
    const auto used = addons::container_images(object);
    if (std::ranges::find(used, image) == used.end()) continue;
    pinned.push_back(pinned_node(object));
  }
  std::vector<std::string> nodes;
  const bool anywhere = pinned.empty() || std::ranges::find(pinned, "") != pinned.end();
  for (const auto& node : names_of(spec)) {
    if (anywhere || std::ranges::find(pinned, node.name) != pinned.end()) nodes.push_back(node.name);
  }
  return nodes;
}

Result<void> build_images(const Context& ctx, const ClusterSpec& spec, const addons::Rendered& rendered) {
  for (const auto& image : rendered.images) {
    if (image.recipe.empty() || TRY(is_carried(spec, image.recipe))) continue;
    TRY(images::build_image(ctx, image.recipe));
  }
  return {};
}

Result<void> provide_images(const Context& ctx, const Cluster& cluster, const addons::Rendered& rendered) {
  for (const auto& image : rendered.images) {
    if (image.recipe.empty() || TRY(is_carried(cluster.spec, image.recipe))) continue;
    TRY(provide_image(ctx, cluster, image, nodes_with_image(cluster.spec, rendered.objects, image.reference)));
  }
  return {};
}

}  // namespace skiff::cluster
