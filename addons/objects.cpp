// SPDX-License-Identifier: Apache-2.0
#include "addons/objects.h"

#include <algorithm>
#include <set>

namespace skiff::addons {
namespace {

// A JSON pointer to a kind's pod template.
std::string_view template_of(const std::string& kind) {
  static const std::set<std::string, std::less<>> workloads = {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet",
                                                               "Job"};
  if (workloads.contains(kind)) return "/spec/template";
  return kind == "CronJob" ? "/spec/jobTemplate/spec/template" : "";
}

}  // namespace

Json* pod_template(Json& object) {
  const auto pointer = template_of(text_at(object, "kind"));
  boost::system::error_code absent;
  return pointer.empty() ? nullptr : object.find_pointer(pointer, absent);
}

const Json* pod_template(const Json& object) {
  const auto pointer = template_of(text_at(object, "kind"));
  boost::system::error_code absent;
  return pointer.empty() ? nullptr : object.find_pointer(pointer, absent);
}

std::vector<std::string> container_images(const Json& object) {
  std::vector<std::string> images;
  const Json* pods = text_at(object, "kind") == "Pod" ? &object : pod_template(object);
  if (pods == nullptr) return images;
  for (const std::string_view list : {"spec.initContainers", "spec.containers"}) {
    for (const auto& container : array_at(*pods, list)) images.push_back(text_at(container, "image"));
  }
  return images;
}

int rank_of(const Json& object) {
  static const std::vector<std::set<std::string, std::less<>>> ranks = {
      {"Namespace"},
      {"CustomResourceDefinition"},
      {"ResourceQuota", "LimitRange", "PriorityClass", "ServiceAccount"},
      {"Role", "ClusterRole"},
      {"RoleBinding", "ClusterRoleBinding"},
      {"ConfigMap", "Secret", "StorageClass", "PersistentVolume", "PersistentVolumeClaim"},
      {"Service"},
      {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "Pod"}};
  const std::string kind = text_at(object, "kind");
  const auto rank = std::ranges::find_if(ranks, [&](const auto& kinds) { return kinds.contains(kind); });
  return static_cast<int>(rank - ranks.begin());
}

std::string identity(const Json& object) {
  const std::string ns = text_at(object, "metadata.namespace");
  return text_at(object, "kind") + ' ' + (ns.empty() ? "" : ns + '/') + text_at(object, "metadata.name");
}

}  // namespace skiff::addons
