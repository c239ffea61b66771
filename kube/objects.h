// The objects that skiff itself puts into a cluster, and manifests read from text. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/cluster_spec.h"

namespace skiff::kube {

// The Node, made before its kubelet comes: with our pod range (the controller manager's allocator might give another),
// the role label, and the taint when the spec keeps pods off control planes.
Json node_object(const ClusterSpec& spec, const NodeSpec& node);

// The objects of a YAML or JSON text in their order, Lists flattened. config_invalid with source:line when one has no
// apiVersion, kind or metadata.name.
Result<std::vector<Json>> parse_manifests(std::string_view text, std::string_view source);

// CoreDNS under the cluster's DNS address (manifests/coredns.yaml).
Result<std::vector<Json>> cluster_dns_objects(const ClusterSpec& spec);

}  // namespace skiff::kube
