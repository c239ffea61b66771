#include "cluster/start/resolve.h"

#include <algorithm>
#include <cctype>

#include "base/strings.h"
#include "drivers/driver_table.h"
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

// A saved value wins over the default; a flag may repeat it but not change it.
template <class T>
Result<void> keep(T& field, const std::optional<T>& wanted, bool saved, std::string_view flag) {
  if (!wanted || *wanted == field) return {};
  if (saved) {
    return make_error(ErrorId::profile_conflict,
                      "The profile was made with another " + std::string(flag) + ", which cannot change later");
  }
  field = *wanted;
  return {};
}

std::string normal_version(const std::string& version) { return version.starts_with("v") ? version : "v" + version; }

}  // namespace

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

  if (request.kubernetes_version) {
    const std::string wanted = normal_version(*request.kubernetes_version);
    if (wanted != versions::kubernetes && *request.kubernetes_version != "stable" &&
        *request.kubernetes_version != "latest") {
      return make_error(ErrorId::unsupported, "This skiff has no recipe for Kubernetes " + wanted,
                        "Use --kubernetes-version=" + std::string(versions::kubernetes) + ", or leave the flag out");
    }
  }
  TRY(keep(spec.driver, request.driver, saved.has_value(), "--driver"));
  if (request.driver_uri && !TRY(drivers::find_driver(spec.driver)).takes_uri) {
    return make_error(ErrorId::usage, "--libvirt-uri is of no use with the driver '" + spec.driver + "'",
                      "Add --driver=libvirt, or leave it out");
  }
  TRY(keep(spec.driver_uri, request.driver_uri, saved.has_value(), "--libvirt-uri"));
  TRY(keep(spec.node_image, request.node_image, saved.has_value(), "--node-image"));
  if (request.subnet) {
    const std::optional<Cidr> wanted = TRY(parse_cidr(*request.subnet));
    if (wanted->bits != 24) return make_error(ErrorId::usage, "--subnet must be a /24, such as 192.168.80.0/24");
    if (wanted->overlaps(spec.pod_range) || wanted->overlaps(spec.service_range)) {
      return make_error(ErrorId::usage, "--subnet overlaps the cluster's own ranges " + to_string(spec.pod_range) +
                                            " and " + to_string(spec.service_range));
    }
    TRY(keep(spec.node_subnet, wanted, saved && spec.node_subnet.bits != 0, "--subnet"));
  }
  if (request.nodes) {
    if (*request.nodes < 1 || *request.nodes > max_nodes) {
      return make_error(ErrorId::usage, "--nodes must be 1 to " + std::to_string(max_nodes) + ", not " +
                                            std::to_string(*request.nodes));
    }
    if (*request.nodes < node_count(spec)) {
      return make_error(ErrorId::profile_conflict, "The cluster has " + std::to_string(node_count(spec)) +
                                                       " nodes; start does not take nodes away");
    }
    grow(spec, *request.nodes);
  }
  if (request.cpus) {
    if (!(*request.cpus > 0 && *request.cpus <= 512)) return make_error(ErrorId::usage, "--cpus must be more than 0");
    TRY(keep(spec.cpus, request.cpus, saved.has_value(), "--cpus"));
  }
  if (request.memory) {
    const std::optional<std::int64_t> size = TRY(parse_size(*request.memory, "--memory"));
    constexpr std::int64_t least = 512;  // a control plane alone uses about 450 MiB
    if (*size < least)
      return make_error(ErrorId::memory_too_small, "--memory must be at least 512m: a node needs that much");
    TRY(keep(spec.memory_mib, size, saved.has_value(), "--memory"));
  }
  if (request.disk_size) {
    const std::optional<std::int64_t> size = TRY(parse_size(*request.disk_size, "--disk-size"));
    TRY(keep(spec.disk_mib, size, saved.has_value(), "--disk-size"));
  }
  if (request.schedule_on_control_plane) spec.schedule_on_control_plane = *request.schedule_on_control_plane;
  if (request.context) {
    TRY(check_context_name(*request.context));
    spec.context = *request.context == spec.profile ? "" : *request.context;
  }
  for (const auto& addon : request.addons) {
    if (std::find(spec.addons.begin(), spec.addons.end(), addon) == spec.addons.end()) spec.addons.push_back(addon);
  }
  return spec;
}

}  // namespace skiff::cluster
