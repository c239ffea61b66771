#include "drivers/common/naming.h"

namespace skiff::drivers {

namespace {
// Where the colon before the tag is; a colon before a slash belongs to a registry's port.
std::size_t tag_colon(std::string_view reference) {
  const auto colon = reference.rfind(':');
  const auto slash = reference.rfind('/');
  const bool port = colon != std::string_view::npos && slash != std::string_view::npos && colon < slash;
  return port ? std::string_view::npos : colon;
}
}  // namespace

Labels cluster_labels(std::string_view cluster) { return {{std::string(label::cluster), std::string(cluster)}}; }

Labels node_labels(const ClusterSpec& spec, const NodeSpec& node) {
  return {{std::string(label::cluster), spec.profile},
          {std::string(label::node), node.name},
          {std::string(label::role), std::string(to_string(node.role))},
          {std::string(label::image), spec.node_image},
          {std::string(label::address), to_string(node.address)},
          {std::string(label::pod_cidr), to_string(node.pod_cidr)}};
}

std::optional<ObservedNode> node_from(const Labels& labels, NodeState state) {
  const auto value = [&](std::string_view name) {
    const auto found = labels.find(std::string(name));
    return found == labels.end() ? std::string() : found->second;
  };
  ObservedNode node;
  node.id = {value(label::cluster), value(label::node)};
  if (node.id.cluster.empty() || node.id.name.empty()) return std::nullopt;
  node.role = value(label::role) == to_string(Role::control_plane) ? Role::control_plane : Role::worker;
  node.state = state;
  node.address = parse_ipv4(value(label::address)).value_or({});
  node.image = value(label::image);
  if (node.role == Role::control_plane) node.api = to_string(node.address) + ":" + std::to_string(api_port);
  return node;
}

std::string network_name(std::string_view cluster) { return "skiff-" + std::string(cluster); }
std::string volume_name(std::string_view node) { return std::string(node) + "-var"; }

std::string tag_of(std::string_view reference) {
  const auto colon = tag_colon(reference);
  return colon == std::string_view::npos ? "latest" : std::string(reference.substr(colon + 1));
}

std::string repository_of(std::string_view reference) { return std::string(reference.substr(0, tag_colon(reference))); }

}  // namespace skiff::drivers
