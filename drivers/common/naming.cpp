// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/naming.h"

#include "drivers/common/publish.h"

namespace skiff::drivers {

namespace {
// Where the colon before the tag is; a colon before a slash belongs to a registry's port.
std::size_t tag_colon(std::string_view reference) {
  const auto colon = reference.rfind(':');
  const auto slash = reference.rfind('/');
  const bool port = colon != std::string_view::npos && slash != std::string_view::npos && colon < slash;
  return port ? std::string_view::npos : colon;
}

std::string value_in(const Labels& labels, std::string_view name) {
  const auto found = labels.find(std::string(name));
  return found == labels.end() ? std::string() : found->second;
}
}  // namespace

Labels cluster_labels(const ClusterSpec& spec) {
  Labels labels{{std::string(label::cluster), spec.profile}};
  if (!spec.id.empty()) labels.emplace(label::id, spec.id);
  if (!spec.owner.empty()) labels.emplace(label::owner, spec.owner);
  return labels;
}

ClusterId cluster_in(const Labels& labels) { return {value_in(labels, label::cluster), value_in(labels, label::id)}; }

Error not_ours(std::string_view thing, const Labels& labels, std::string_view removal) {
  const std::string cluster = cluster_in(labels).name;
  if (cluster.empty()) {
    return make_error(ErrorId::name_conflict, std::string(thing) + " exists and is not skiff's",
                      std::string(removal) + ", or choose another profile name");
  }
  return belongs_to_another(thing, cluster, value_in(labels, label::owner));
}

Labels node_labels(const ClusterSpec& spec, const NodeSpec& node) {
  Labels labels = cluster_labels(spec);
  labels.insert({{std::string(label::node), node.name},
                 {std::string(label::role), std::string(to_string(node.role))},
                 {std::string(label::image), spec.node_image},
                 {std::string(label::address), to_string(node.address)},
                 {std::string(label::pod_cidr), to_string(node.pod_cidr)}});
  if (node.role == Role::control_plane && spec.kubernetes.api_port != default_api_port) {
    labels.emplace(label::api_listen, std::to_string(spec.kubernetes.api_port));
  }
  return labels;
}

std::optional<ObservedNode> node_from(const Labels& labels, NodeState state) {
  const auto value = [&](std::string_view name) { return value_in(labels, name); };
  ObservedNode node;
  node.id = {cluster_in(labels), value(label::node)};
  if (node.id.cluster.name.empty() || node.id.name.empty()) return std::nullopt;
  node.owner = value(label::owner);
  node.role = value(label::role) == to_string(Role::control_plane) ? Role::control_plane : Role::worker;
  node.state = state;
  node.address = parse_ipv4(value(label::address)).value_or({});
  node.image = value(label::image);
  node.disk_image = value(label::disk_image);
  if (node.role == Role::control_plane) {
    const auto port = port_in(labels, label::api_listen);
    node.api = host_and_port(to_string(node.address), port != 0 ? port : default_api_port);
  }
  return node;
}

Result<void> check_tree_format(const NodeImage& image, int there) {
  const int least = image.least_tree_format != 0 ? image.least_tree_format : image.tree_format;
  if (there >= least && there <= image.tree_format) return {};
  const bool older = there < least;
  return make_error(ErrorId::image_unsupported,
                    "The node image '" + image.reference + "' is of " + (older ? "an older" : "a newer") +
                        " skiff than this one (" + "it reads node trees of format " + std::to_string(there) +
                        ", this cluster needs " + std::to_string(older ? least : image.tree_format) + ")",
                    older
                        ? "Renew the cluster: 'skiff delete' it and start it anew; or go on with the skiff that made it"
                        : "Renew this skiff, or leave --node-image out where you gave it");
}

std::string network_name(const ClusterSpec& spec) {
  return spec.network_name.empty() ? "skiff-" + spec.profile : spec.network_name;
}
std::string volume_name(std::string_view node) { return std::string(node) + "-var"; }

std::string tag_of(std::string_view reference) {
  const auto colon = tag_colon(reference);
  return colon == std::string_view::npos ? "latest" : std::string(reference.substr(colon + 1));
}

std::string repository_of(std::string_view reference) { return std::string(reference.substr(0, tag_colon(reference))); }

}  // namespace skiff::drivers
