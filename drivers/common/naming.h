// SPDX-License-Identifier: Apache-2.0
// How drivers name what they make, and what they write on it. The labels are the truth about a node: everything that
// `nodes()` tells comes from them and from the provider's state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/driver.h"

namespace skiff::drivers {

namespace label {
inline constexpr std::string_view cluster = "dev.skiff.cluster";  // on everything that belongs to one cluster
inline constexpr std::string_view id = "dev.skiff.id";            // the cluster's; see ClusterId
inline constexpr std::string_view owner = "dev.skiff.owner";      // who made it, for people
inline constexpr std::string_view node = "dev.skiff.node";
inline constexpr std::string_view role = "dev.skiff.role";
inline constexpr std::string_view image = "dev.skiff.image";            // on nodes and on the image itself
inline constexpr std::string_view disk_image = "dev.skiff.disk-image";  // ObservedNode::disk_image
inline constexpr std::string_view address = "dev.skiff.address";
inline constexpr std::string_view pod_cidr = "dev.skiff.pod-cidr";
inline constexpr std::string_view api_port = "dev.skiff.api-port";  // on a control plane whose API is published
inline constexpr std::string_view api_listen =
    "dev.skiff.api-listen";  // on a control plane whose API's own port is unusual
inline constexpr std::string_view machine_port = "dev.skiff.machine-port";  // of libvirt's host, for skiff's commands
inline constexpr std::string_view prepare = "dev.skiff.prepare";            // image reference; belongs to no cluster
inline constexpr std::string_view image_id = "dev.skiff.image-id";
inline constexpr std::string_view tree_format = "dev.skiff.tree-format";  // on an image: NodeImage::tree_format
}  // namespace label

using Labels = std::map<std::string, std::string>;

Labels cluster_labels(const ClusterSpec& spec);
// The cluster that labels name; an empty name when they are no cluster's.
ClusterId cluster_in(const Labels& labels);
// What to say of a thing that has the name which we want, and these labels. `thing`: "The Docker volume 'x'";
// `removal`: how to remove it, for what is nobody's cluster.
Error not_ours(std::string_view thing, const Labels& labels, std::string_view removal);
Labels node_labels(const ClusterSpec& spec, const NodeSpec& node);
// The node that `labels` describe; nothing when they are not a node's.
std::optional<ObservedNode> node_from(const Labels& labels, NodeState state);

// Nothing when an image that reads trees up to the format `there` can be given those from image.least_tree_format to
// image.tree_format; else image_unsupported, saying which side is to be renewed.
Result<void> check_tree_format(const NodeImage& image, int there);

std::string network_name(const ClusterSpec& spec);  // "skiff-<cluster>", or the name that the user chose
std::string volume_name(std::string_view node);     // "<node>-var"

// The part of "name:tag" behind the colon; "latest" when there is none.
std::string tag_of(std::string_view reference);
// The part before it.
std::string repository_of(std::string_view reference);
inline constexpr std::string_view node_repository = "skiff-node";

}  // namespace skiff::drivers
