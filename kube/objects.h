// SPDX-License-Identifier: Apache-2.0
// The objects that skiff itself puts into a cluster, and manifests read from text. Pure.
#pragma once

#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/cluster_spec.h"

namespace skiff::kube {

// On every Node that is a machine of skiff's, and not on a simulator's: addons that run everywhere select it.
inline constexpr std::string_view own_node_label = "skiff.dev/node";

// The Node, made before its kubelet comes: with our pod range (the controller manager's allocator might give another)
// and labels.
Json node_object(const NodeSpec& node);

// The labels that minikube gives its nodes, for scripts that select by them: the cluster's name, whether it is the
// control plane, and by what it was started when.
std::map<std::string, std::string> minikube_labels(const ClusterSpec& spec, const NodeName& node, std::time_t started);

// The taints of a control plane's Node with ours, or without it where pods may come; nothing when they are so already.
// They are no part of node_object: as one field of several writers, applying would not take ours away again.
std::optional<JsonArray> control_plane_taints(const Json& node, bool schedulable);

// The change that gives a control plane's Node these taints; nothing when that was done once: who has changed them
// since meant it. An annotation remembers for which of the two it was done.
std::optional<Json> scheduling_patch(const Json& node, bool schedulable);

// The objects of a YAML or JSON text in their order, Lists flattened. config_invalid with source:line when one has no
// apiVersion, kind or metadata.name.
Result<std::vector<Json>> parse_manifests(std::string_view text, std::string_view source);

// As whom each node learns of policies and pods, and what lets it (manifests/network-policy.yaml).
inline constexpr std::string_view policy_user = "skiff:network-policy";
Result<std::vector<Json>> policy_objects();

// CoreDNS under the cluster's DNS address (manifests/coredns.yaml).
Result<std::vector<Json>> cluster_dns_objects(const PlacedSpec& spec);

}  // namespace skiff::kube
