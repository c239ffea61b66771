// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve.h"

#include <algorithm>
#include <cctype>

#include "base/strings.h"
#include "cluster/own_image.h"
#include "cluster/request/feature_gates.h"
#include "cluster/request/kubernetes_version.h"
#include "cluster/request/resolve_kubernetes.h"
#include "cluster/request/resolve_network.h"
#include "cluster/request/resolve_pod_network.h"
#include "drivers/driver_table.h"
#include "images/recipe.h"
#include "model/versions.h"

namespace skiff::cluster {
namespace {

// "2g", "2048m", "2048": MiB.
Result<std::int64_t> parse_size(const std::string& text, std::string_view what) {
  std::string number = to_lower(text);
  for (const std::string_view suffix : {"ib", "b"}) {
    if (number.ends_with(suffix) && number.size() > suffix.size()) number.resize(number.size() - suffix.size());
  }
  std::int64_t factor = 1;
  if (!number.empty() && std::isalpha(static_cast<unsigned char>(number.back())) != 0) {
    if (number.back() != 'g' && number.back() != 'm') {
      return make_error(ErrorId::usage, std::string(what) + " must be a size like 2g or 2048m, not '" + text + "'");
    }
    factor = number.back() == 'g' ? 1024 : 1;
    number.pop_back();
  }
  const auto value = TRY(parse_int(number, what));
  if (value <= 0 || value > 1 << 20) {
    return make_error(ErrorId::usage, std::string(what) + " must be a size like 2g or 2048m, not '" + text + "'");
  }
  return value * factor;
}

// The address says the subnet, and the control plane's number in it.
Result<void> keep_static_ip(ClusterSpec& spec, const std::string& text, bool saved) {
  const Ipv4 address = TRY(parse_ipv4(text));
  const auto network = placed(spec);
  const bool has_subnet = network.has_value();
  if (has_subnet && address == address_of(spec, control_plane_of(spec))) return {};
  const Cidr subnet{{address.value & ~0xFFU}, 24};
  const int number = static_cast<int>(address.value & 0xFFU);
  const auto wrong = [&](const std::string& why, const std::string& advice) {
    return make_error(ErrorId::usage, "--static-ip " + text + " " + why, advice);
  };
  if (!is_control_plane_host(number)) {
    return wrong("has a last number that is a worker's or the host's", "It must be 2 to 10, or 110 to 254");
  }
  if (std::ranges::none_of(private_ranges, [&](const Cidr& range) { return range.contains(address); })) {
    return wrong("is no private address", "Use one like 192.168.200.200");
  }
  if (subnet.overlaps(spec.pod_range) || subnet.overlaps(spec.service_range)) {
    return wrong("lies in the cluster's own ranges",
                 "Those are " + to_string(spec.pod_range) + " and " + to_string(spec.service_range));
  }
  if (!saved && has_subnet && spec.node_subnet != subnet) return wrong("is not in --subnet", "Leave --subnet out");
  TRY(keep(spec.node_subnet, std::optional(subnet), saved && has_subnet, "--static-ip"));
  return keep(spec.control_plane_host, std::optional(number), saved, "--static-ip");
}

Result<double> parse_cpus(double cpus) {
  if (cpus == all_cpus) return 0;
  if (cpus > 0 && cpus <= 512) return cpus;
  return make_error(ErrorId::usage, "--cpus must be more than 0, or max");
}

Result<std::int64_t> parse_memory(const std::string& text) {
  if (is_all(text)) return 0;
  constexpr std::int64_t least = 512;  // a control plane alone uses about 450 MiB
  const auto size = TRY(parse_size(text, "--memory"));
  if (size >= least) return size;
  return make_error(ErrorId::memory_too_small, "--memory must be at least 512m: a node needs that much");
}

Result<NodeSettings> settings_of(const NodeRequest& request) {
  NodeSettings settings;
  if (request.cpus) settings.cpus = TRY(parse_cpus(*request.cpus));
  if (request.memory) settings.memory_mib = TRY(parse_memory(*request.memory));
  for (const auto& text : request.labels) settings.labels.insert(TRY(parse_label(text)));
  for (const auto& text : request.taints) settings.taints.push_back(TRY(parse_taint(text)));
  return settings;
}

Error too_few_nodes(const ClusterSpec& spec) {
  return make_error(ErrorId::profile_conflict,
                    "The cluster has " + std::to_string(node_count(spec)) + " nodes; start does not take nodes away");
}

// A majority must be left of those that keep the cluster's state: of two, both are needed.
Result<void> check_control_planes(const ClusterSpec& spec, int count) {
  const int present = control_plane_count(spec);
  if (count == present) return {};
  if (count < present) {
    return make_error(ErrorId::profile_conflict,
                      "The cluster has " + std::to_string(present) + " control planes; start does not take nodes away",
                      "Take them away one by one with 'skiff node delete'");
  }
  if (count == 3 || count == 5 || count == 1) return {};
  const std::string odd = std::to_string(count - 1);
  return make_error(ErrorId::usage,
                    count % 2 == 0 ? std::to_string(count) + " control planes survive no more losses than " + odd
                                   : "There are 1, 3 or 5 control planes, not " + std::to_string(count),
                    "Use 1, 3 or 5: they survive the loss of none, one and two");
}

// With what the added nodes have for themselves. Without a number of nodes, control planes come beside the workers.
Result<void> grow_to(ClusterSpec& spec, const StartRequest& request) {
  const auto settings = TRY(settings_of(request.new_nodes));
  const auto before = spec.nodes;
  grow_control_planes(spec, request.control_planes.value_or(control_plane_count(spec)) + request.more_control_planes);
  if (request.nodes) grow(spec, *request.nodes);
  const auto added = control_plane_count(spec) - std::ranges::count(before, Role::control_plane, &Member::role);
  if (added < request.more_control_planes || node_count(spec) > max_nodes) {
    return make_error(ErrorId::usage, "There are at most " + std::to_string(most_control_planes) +
                                          " control planes, and " + std::to_string(max_nodes) + " nodes in all");
  }
  for (const auto& member : spec.nodes) {
    const bool is_new = std::ranges::find(before, member) == before.end();
    if (is_new && settings != NodeSettings()) spec.node_settings[member] = settings;
  }
  return {};
}

// Sizes are what a node was made with; labels and taints come with the next start.
Result<void> settle_node(NodeSettings& settings, const NodeSettings& wanted, const std::string& name) {
  if (settings.cpus != wanted.cpus || settings.memory_mib != wanted.memory_mib) {
    return make_error(ErrorId::profile_conflict, "The node " + name + " was made with other CPUs or memory",
                      "Leave them as they were, or delete the node first ('skiff node delete')");
  }
  settings = wanted;
  return {};
}

// Each node as it was said; those beyond the ones that there are come anew.
Result<void> resolve_nodes(ClusterSpec& spec, const NodeRequests& requests, bool saved) {
  const auto& wanted = requests.nodes;
  const int count = static_cast<int>(wanted.size());
  if (count > max_nodes) return make_error(ErrorId::usage, "There are at most " + std::to_string(max_nodes) + " nodes");
  if (count < node_count(spec)) {
    Error error = too_few_nodes(spec);
    error.advice = "Take them away with 'skiff node delete', or name as many as there are";
    return error;
  }
  TRY(check_control_planes(spec, requests.control_planes));
  const int workers = node_count(spec) - control_plane_count(spec);
  if (count - requests.control_planes < workers) return too_few_nodes(spec);
  const auto before = saved ? spec.nodes : std::vector<Member>();
  grow_control_planes(spec, requests.control_planes);
  grow(spec, count);
  for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
    const Member& member = spec.nodes[i];
    const auto settings = TRY(settings_of(wanted[i]));
    if (std::ranges::find(before, member) != before.end()) {
      TRY(settle_node(spec.node_settings[member], settings, name_of(spec, member)));
    } else {
      spec.node_settings[member] = settings;
    }
    if (spec.node_settings[member] == NodeSettings()) spec.node_settings.erase(member);
  }
  return {};
}

// Whoever names a version of Kubernetes wants it.
Result<void> resolve_without_kubernetes(ClusterSpec& spec, const StartRequest& request) {
  const std::optional<bool>& none = request.kubernetes.none;
  if (none.value_or(false) && request.kubernetes_version) {
    return make_error(ErrorId::usage, "--kubernetes-version does not go with --no-kubernetes",
                      "Leave one of them out; 'skiff config unset kubernetes-version' where it was set for good");
  }
  spec.no_kubernetes = none.value_or(spec.no_kubernetes && !request.kubernetes_version);
  if (spec.no_kubernetes && control_plane_count(spec) > 1) {
    return make_error(ErrorId::usage, "Without Kubernetes there is nothing for several control planes to do",
                      "Leave --control-planes out, or give the cluster Kubernetes with --no-kubernetes=false");
  }
  if (!spec.no_kubernetes || (request.addons.empty() && request.manifests.empty())) return {};
  return make_error(ErrorId::usage, "A cluster without Kubernetes has no addons, and takes no manifests",
                    "Leave them out, or give it Kubernetes with --no-kubernetes=false");
}

Result<std::vector<FolderMount>> parse_mounts(const std::vector<std::string>& texts) {
  std::vector<FolderMount> mounts;
  for (const auto& text : texts) {
    const auto mount = TRY(parse_folder_mount(text));
    for (const auto& other : mounts) {
      if (!mount.to.starts_with(other.to + "/") && !other.to.starts_with(mount.to + "/") && mount.to != other.to)
        continue;
      return make_error(ErrorId::usage, "'" + mount.to + "' and '" + other.to + "' lie in each other",
                        "Give each folder a place of its own in the nodes");
    }
    mounts.push_back(mount);
  }
  return mounts;
}

// Another version than the cluster has means another node image, which follows from it.
Result<void> resolve_version(ClusterSpec& spec, const StartRequest& request, bool saved) {
  if (!request.kubernetes_version) return {};
  const std::string wanted = TRY(choose_version(*request.kubernetes_version, images::kubernetes_versions()));
  if (wanted == spec.kubernetes_version) return {};
  if (saved) {
    TRY(check_upgrade(spec.kubernetes_version, wanted));
    if (!version_of_image(spec.node_image)) {
      return make_error(ErrorId::unsupported,
                        "The cluster's nodes are made from an image of your own, " + spec.node_image,
                        "Only what skiff's images hold can be taken to another version; make a new cluster");
    }
    if (request.nodes.value_or(0) > node_count(spec)) {
      return make_error(ErrorId::usage, "A cluster does not grow while it goes to another version",
                        "Leave --nodes out, and add nodes afterwards");
    }
  }
  spec.kubernetes_version = wanted;
  if (saved) spec.node_image.clear();
  return {};
}

// Of a version that is skiff's to know. Gates that were taken are those of the version before.
Result<void> check_feature_gates(const ClusterSpec& spec, const StartRequest& request) {
  const bool own = spec.node_image.empty() || version_of_image(spec.node_image);
  if (!own || (!request.kubernetes.feature_gates && !request.kubernetes_version)) return {};
  for (const auto& [gate, on] : spec.kubernetes.feature_gates) {
    TRY(check_feature_gate_known(gate, spec.kubernetes_version));
  }
  return {};
}

}  // namespace

bool is_all(std::string_view text) { return text == "max" || text == "no-limit"; }

Result<ClusterSpec> resolve(const StartRequest& request, const std::optional<ClusterSpec>& saved) {
  TRY(check_profile_name(request.profile));
  ClusterSpec spec;
  if (saved) {
    spec = *saved;
  } else {
    spec.profile = request.profile;
    spec.driver = "docker";
    spec.node_names = request.node_names;
    spec.kubernetes_version = versions::kubernetes;
  }

  Refusals refusals;
  TRY(resolve_version(spec, request, saved.has_value()));
  TRY(refusals.hold(keep(spec.driver, request.driver, saved.has_value(), "--driver")));
  if (request.driver_uri && !TRY(drivers::find_driver(spec.driver)).takes_uri) {
    return make_error(ErrorId::usage, "--libvirt-uri is of no use with the driver '" + spec.driver + "'",
                      "Add --driver=libvirt, or leave it out");
  }
  TRY(refusals.hold(keep(spec.driver_uri, request.driver_uri, saved.has_value(), "--libvirt-uri")));
  TRY(refusals.hold(keep(spec.node_image, request.node_image, saved.has_value(), "--node-image")));
  TRY(resolve_network(spec, request, saved.has_value(), refusals));
  if (request.subnet) {
    const std::optional<Cidr> wanted = TRY(parse_cidr(*request.subnet));
    if (wanted->bits != 24) return make_error(ErrorId::usage, "--subnet must be a /24, such as 192.168.80.0/24");
    if (wanted->overlaps(spec.pod_range) || wanted->overlaps(spec.service_range)) {
      return make_error(ErrorId::usage, "--subnet overlaps the cluster's own ranges " + to_string(spec.pod_range) +
                                            " and " + to_string(spec.service_range));
    }
    TRY(refusals.hold(keep(spec.node_subnet, wanted, saved && spec.node_subnet.bits != 0, "--subnet")));
  }
  if (request.static_ip) TRY(refusals.hold(keep_static_ip(spec, *request.static_ip, saved.has_value())));
  if (request.nodes) {
    if (*request.nodes < 1 || *request.nodes > max_nodes) {
      return make_error(ErrorId::usage, "--nodes must be 1 to " + std::to_string(max_nodes) + ", not " +
                                            std::to_string(*request.nodes));
    }
    if (*request.nodes < node_count(spec)) TRY(refusals.hold(too_few_nodes(spec)));
  }
  if (request.control_planes) TRY(refusals.hold(check_control_planes(spec, *request.control_planes)));
  TRY(grow_to(spec, request));
  if (request.each_node) TRY(refusals.hold(resolve_nodes(spec, *request.each_node, saved.has_value())));
  if (request.cpus) {
    const std::optional cpus = TRY(parse_cpus(*request.cpus));
    TRY(refusals.hold(keep(spec.cpus, cpus, saved.has_value(), "--cpus")));
  }
  if (request.memory) {
    const std::optional memory = TRY(parse_memory(*request.memory));
    TRY(refusals.hold(keep(spec.memory_mib, memory, saved.has_value(), "--memory")));
  }
  if (request.disk_size) {
    const std::optional<std::int64_t> size = TRY(parse_size(*request.disk_size, "--disk-size"));
    TRY(refusals.hold(keep(spec.disk_mib, size, saved.has_value(), "--disk-size")));
  }
  if (request.schedule_on_control_plane) spec.schedule_on_control_plane = *request.schedule_on_control_plane;
  if (request.context) {
    TRY(check_context_name(*request.context));
    spec.context = *request.context == spec.profile ? "" : *request.context;
  }
  TRY(resolve_without_kubernetes(spec, request));
  TRY(refusals.hold(resolve_pod_network(spec, request, saved.has_value())));
  TRY(resolve_kubernetes(spec.kubernetes, request.kubernetes, saved.has_value(), refusals));
  TRY(check_feature_gates(spec, request));
  TRY(refusals.check());
  if (request.mounts) spec.mounts = TRY(parse_mounts(*request.mounts));
  for (const auto& addon : request.addons) {
    if (std::find(spec.addons.begin(), spec.addons.end(), addon) == spec.addons.end()) spec.addons.push_back(addon);
  }
  for (const auto& [addon, values] : request.addon_values) {
    for (const auto& [name, value] : values) spec.addon_values[addon][name] = value;
  }
  return spec;
}

}  // namespace skiff::cluster
