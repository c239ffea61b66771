// SPDX-License-Identifier: Apache-2.0
#include "kube/objects.h"

#include <algorithm>

#include "base/go_template.h"
#include "base/strings.h"
#include "base/utc.h"
#include "kube/manifests.h"
#include "model/architecture.h"
#include "model/versions.h"

namespace skiff::kube {
namespace {

constexpr std::string_view control_plane_key = "node-role.kubernetes.io/control-plane";

// The place of a document that lacks something, as "file:line".
std::string place(std::string_view source, const YamlDocument& document, const std::string& prefix) {
  const auto at = std::find_if(document.lines.begin(), document.lines.end(),
                               [&](const auto& entry) { return entry.first.starts_with(prefix); });
  const int line = at == document.lines.end() ? 1 : at->second;
  return std::string(source) + ":" + std::to_string(line);
}

Result<void> collect(const Json& object, const std::string& prefix, const YamlDocument& document,
                     std::string_view source, std::vector<Json>& objects) {
  const auto lacks = [&](std::string_view what) {
    return make_error(ErrorId::config_invalid,
                      place(source, document, prefix) + ": the object has no " + std::string(what));
  };
  if (text_at(object, "apiVersion").empty()) return lacks("apiVersion");
  const std::string kind = text_at(object, "kind");
  if (kind.empty()) return lacks("kind");
  if (const Json* items = find(object, "items"); kind.ends_with("List") && items != nullptr && items->is_array()) {
    std::size_t index = 0;
    for (const auto& item : items->get_array()) {
      TRY(collect(item, prefix + "items." + std::to_string(index++) + ".", document, source, objects));
    }
    return {};
  }
  if (text_at(object, "metadata.name").empty()) return lacks("metadata.name");
  objects.push_back(object);
  return {};
}

// Of those that are embedded: it cannot be absent.
std::string_view manifest(std::string_view path) {
  const auto files = manifest_files();
  return std::ranges::find(files, path, &ManifestFile::path)->content;
}

}  // namespace

Json node_object(const NodeSpec& node) {
  JsonObject labels{{"kubernetes.io/hostname", node.name},
                    {"kubernetes.io/os", "linux"},
                    {"kubernetes.io/arch", node_architecture},
                    {own_node_label, ""}};
  JsonArray ranges;
  ranges.emplace_back(to_string(node.pod_cidr));
  if (!node.pod_cidr6.empty()) ranges.emplace_back(node.pod_cidr6);
  JsonObject node_spec{{"podCIDR", to_string(node.pod_cidr)}, {"podCIDRs", std::move(ranges)}};
  if (node.role == Role::control_plane) {
    labels[control_plane_key] = "";
  }
  for (const auto& [key, value] : node.labels) labels[key] = value;
  JsonArray taints;
  for (const auto& [key, value, effect] : node.taints) {
    JsonObject taint{{"key", key}, {"effect", effect}};
    if (!value.empty()) taint["value"] = value;
    taints.push_back(std::move(taint));
  }
  if (!taints.empty()) node_spec["taints"] = std::move(taints);
  return JsonObject{{"apiVersion", "v1"},
                    {"kind", "Node"},
                    {"metadata", JsonObject{{"name", node.name}, {"labels", labels}}},
                    {"spec", node_spec}};
}

std::map<std::string, std::string> minikube_labels(const ClusterSpec& spec, const NodeName& node, std::time_t started) {
  std::string time = utc_text(started).substr(0, std::string_view("2026-11-29T08:15:00").size());
  for (const char separator : {'-', ':', 'T'})
    std::ranges::replace(time, separator, '_');  // none that a label may not have
  const std::string prefix = "minikube.k8s.io/";
  return {{prefix + "name", spec.profile},
          {prefix + "primary", node.name == control_plane_of(spec) ? "true" : "false"},
          {prefix + "version", std::string(versions::minikube)},
          {prefix + "commit", "skiff-" + std::string(versions::skiff)},
          {prefix + "updated_at", time}};
}

std::optional<JsonArray> control_plane_taints(const Json& node, bool schedulable) {
  const JsonArray& present = array_at(node, "spec.taints");
  JsonArray wanted;
  for (const auto& taint : present) {
    if (text_at(taint, "key") != control_plane_key || text_at(taint, "effect") != "NoSchedule") wanted.push_back(taint);
  }
  if (!schedulable) wanted.push_back(JsonObject{{"key", control_plane_key}, {"effect", "NoSchedule"}});
  return wanted.size() == present.size() ? std::nullopt : std::optional(wanted);
}

std::optional<Json> scheduling_patch(const Json& node, bool schedulable) {
  constexpr std::string_view done = "dev.skiff/schedulable";
  const std::string wanted = schedulable ? "true" : "false";
  const Json* annotations = find(node, "metadata.annotations");
  const JsonObject* texts = annotations != nullptr ? annotations->if_object() : nullptr;
  const Json* before = texts != nullptr ? texts->if_contains(done) : nullptr;
  if (before != nullptr && *before == Json(wanted)) return std::nullopt;
  JsonObject patch{{"metadata", JsonObject{{"resourceVersion", text_at(node, "metadata.resourceVersion")},
                                           {"annotations", JsonObject{{done, wanted}}}}}};
  if (auto taints = control_plane_taints(node, schedulable)) patch["spec"] = JsonObject{{"taints", *std::move(taints)}};
  return patch;
}

Result<std::vector<Json>> parse_manifests(std::string_view text, std::string_view source) {
  std::vector<Json> objects;
  for (const auto& document : TRY(parse_yaml(text, source))) {
    TRY(collect(document.value, "", document, source, objects));
  }
  return objects;
}

Result<std::vector<Json>> policy_objects() {
  return parse_manifests(TRY(fill_template(manifest("network-policy.yaml"), {{"User", policy_user}})),
                         "network-policy.yaml");
}

Result<std::vector<Json>> cluster_dns_objects(const PlacedSpec& spec) {
  const JsonObject values{{"Host", to_string(gateway_of(spec))},
                          {"HostNames", host_names},
                          {"Dual", spec.dual_stack},
                          {"Address", to_string(dns_service_address(spec))},
                          {"Domain", spec.kubernetes.dns_domain},
                          {"Version", std::string(versions::coredns)}};
  return parse_manifests(TRY(fill_template(manifest("coredns.yaml"), values)), "coredns.yaml");
}

}  // namespace skiff::kube
