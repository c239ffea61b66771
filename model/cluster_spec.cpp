// SPDX-License-Identifier: Apache-2.0
#include "model/cluster_spec.h"

#include <algorithm>

#include "base/strings.h"
#include "model/dual_stack.h"

namespace skiff {

std::string_view to_string(Role role) { return role == Role::control_plane ? "control-plane" : "worker"; }

namespace {

constexpr int most_workers = max_nodes - 1;

// Host numbers inside the /24: .1 is the host, .2 to .10 are control planes, .11 and up workers, .254 the API's where
// it has an address of its own. The node's pod range takes the same number as its third byte, so that one can read the
// owner off a pod's address.
constexpr int before_control_planes = 1;
constexpr int before_workers = before_control_planes + most_control_planes;
constexpr int last_host = 254;

std::uint32_t host_number(const ClusterSpec& spec, const Member& member) {
  const bool chosen = spec.control_plane_host != 0 && member == Member{Role::control_plane, 1};
  if (chosen) return static_cast<std::uint32_t>(spec.control_plane_host);
  const int before = member.role == Role::control_plane ? before_control_planes : before_workers;
  const int number = before + member.number;
  // Another control plane's usual number may have been chosen for the first one, whose own is free then.
  return static_cast<std::uint32_t>(number == spec.control_plane_host ? before_control_planes + 1 : number);
}

NodeSpec node(const PlacedSpec& spec, const Member& member) {
  const std::uint32_t number = host_number(spec, member);
  const auto own = spec.node_settings.find(member);
  const NodeSettings settings = own == spec.node_settings.end() ? NodeSettings() : own->second;
  const Ipv4 address = spec.node_subnet.host(number);
  const Cidr pod_cidr{spec.pod_range.host(number << 8), 24};
  return {{name_of(spec, member), member.role},
          address,
          pod_cidr,
          settings.cpus.value_or(spec.cpus),
          settings.memory_mib.value_or(spec.memory_mib),
          settings.labels,
          settings.taints,
          spec.dual_stack ? node_address6(spec.node_subnet, address) : "",
          spec.dual_stack ? pod_cidr6(spec.pod_range, pod_cidr) : ""};
}

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

// A label's name or value: 63 characters at most, at both ends a letter or digit.
bool is_label_word(std::string_view text) {
  constexpr std::size_t longest = 63;
  return !text.empty() && text.size() <= longest &&
         text.find_first_not_of(std::string(letters_and_digits) + "-_.") == std::string_view::npos &&
         letters_and_digits.find(text.front()) != std::string_view::npos &&
         letters_and_digits.find(text.back()) != std::string_view::npos;
}

// What may stand before a label's slash.
bool is_dns_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  return !text.empty() && text.size() <= longest && text.front() != '.' && text.front() != '-' && text.back() != '.' &&
         text.back() != '-' && text.find("..") == std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

bool is_taken(const ClusterSpec& spec, const Member& member) {
  const std::string name = name_of(spec, member);
  return std::ranges::any_of(spec.nodes, [&](const Member& other) { return name_of(spec, other) == name; });
}

// The next one after the highest, and a lower one when that is not there any more; nothing when all are taken.
std::optional<Member> next_of(const ClusterSpec& spec, Role role) {
  const int most = role == Role::control_plane ? most_control_planes : most_workers;
  int highest = 0;
  for (const auto& member : spec.nodes) {
    if (member.role == role) highest = std::max(highest, member.number);
  }
  for (int i = 0; i < most; ++i) {
    const Member member{role, (highest + i) % most + 1};
    if (!is_taken(spec, member)) return member;
  }
  return {};
}

}  // namespace

std::string to_string(const Member& member) {
  return (member.role == Role::control_plane ? "cp" : "w") + std::to_string(member.number);
}

std::optional<Member> parse_member(std::string_view text) {
  const bool control_plane = text.starts_with("cp");
  if (!control_plane && !text.starts_with("w")) return {};
  const auto number = parse_int(text.substr(control_plane ? 2 : 1), "a node's number");
  if (!number.ok() || *number < 1 || *number > (control_plane ? most_control_planes : most_workers)) return {};
  const Member member{control_plane ? Role::control_plane : Role::worker, static_cast<int>(*number)};
  return to_string(member) == text ? std::optional(member) : std::nullopt;
}

ClusterId identity_of(const ClusterSpec& spec) { return {spec.profile, spec.id}; }

std::string context_of(const ClusterSpec& spec) { return spec.context.empty() ? spec.profile : spec.context; }

std::optional<PlacedSpec> placed(const ClusterSpec& spec) {
  if (spec.node_subnet.bits == 0) return {};
  return PlacedSpec(spec, spec.node_subnet);
}

std::vector<NodeName> names_of(const ClusterSpec& spec) {
  std::vector<NodeName> names;
  for (const auto& member : spec.nodes) names.push_back({name_of(spec, member), member.role});
  return names;
}

std::vector<NodeSpec> nodes_of(const PlacedSpec& spec) {
  std::vector<NodeSpec> nodes;
  for (const auto& member : spec.nodes) nodes.push_back(node(spec, member));
  return nodes;
}

std::vector<NodeName> control_planes_of(const ClusterSpec& spec) {
  auto names = names_of(spec);
  std::erase_if(names, [](const NodeName& node) { return node.role != Role::control_plane; });
  return names;
}

std::vector<NodeSpec> possible_nodes_of(const PlacedSpec& spec) {
  std::vector<NodeSpec> nodes;
  for (int number = 1; number <= most_control_planes; ++number)
    nodes.push_back(node(spec, {Role::control_plane, number}));
  for (int number = 1; number <= most_workers; ++number) nodes.push_back(node(spec, {Role::worker, number}));
  return nodes;
}

std::optional<Ipv4> address_of(const ClusterSpec& spec, std::string_view node) {
  const auto network = placed(spec);
  const auto member = network ? member_named(spec, node) : std::nullopt;
  return member ? std::optional(skiff::node(*network, *member).address) : std::nullopt;
}

std::string ApiEndpoint::authority() const { return to_string(host) + ":" + std::to_string(port); }
std::string ApiEndpoint::url() const { return "https://" + authority(); }

bool shares_api(const ClusterSpec& spec) {
  return !spec.no_kubernetes && (spec.shared_api || control_plane_count(spec) > 1);
}

ApiEndpoint api_of(const PlacedSpec& spec) {
  ApiEndpoint api = api_on(spec, node(spec, spec.nodes.front()));
  if (!shares_api(spec)) return api;
  constexpr int highest = last_host;
  api.host = spec.node_subnet.host(spec.control_plane_host == highest ? highest - 1 : highest);
  return api;
}

ApiEndpoint api_on(const PlacedSpec& spec, const NodeSpec& control_plane) {
  return {control_plane.address, static_cast<std::uint16_t>(spec.kubernetes.api_port)};
}

bool founds_etcd(const ClusterSpec& spec, const NodeName& node) {
  return node.name == control_plane_of(spec) && (!spec.shared_api || control_plane_count(spec) == 1);
}

std::string control_plane_of(const ClusterSpec& spec) { return name_of(spec, spec.nodes.front()); }

std::string name_of(const ClusterSpec& spec, const Member& member) {
  if (spec.node_names == NodeNames::roles) return spec.profile + "-" + to_string(member);
  if (member == Member{Role::control_plane, 1}) return spec.profile;
  const std::string number = std::to_string(member.role == Role::control_plane ? member.number : member.number + 1);
  return spec.profile + (number.size() == 1 ? "-m0" : "-m") + number;
}

std::string short_node_name(std::string_view cluster, std::string_view name) {
  const bool longer = name.size() > cluster.size() + 1 && name.starts_with(cluster) && name[cluster.size()] == '-';
  return std::string(longer ? name.substr(cluster.size() + 1) : name);
}

std::optional<Member> parse_node_name(const ClusterSpec& spec, std::string_view name, std::optional<Role> role) {
  for (const auto& [each, most] : {std::pair(Role::control_plane, most_control_planes), {Role::worker, most_workers}}) {
    if (role && *role != each) continue;
    for (int number = 1; number <= most; ++number) {
      const Member member{each, number};
      if (name_of(spec, member) == name) return member;
    }
  }
  return {};
}

std::optional<Member> member_named(const ClusterSpec& spec, std::string_view name) {
  for (const auto& member : spec.nodes) {
    const std::string full = name_of(spec, member);
    if (name == full || spec.profile + "-" + std::string(name) == full) return member;
  }
  return {};
}

int node_count(const ClusterSpec& spec) { return static_cast<int>(spec.nodes.size()); }

int control_plane_count(const ClusterSpec& spec) {
  return static_cast<int>(std::ranges::count(spec.nodes, Role::control_plane, &Member::role));
}

namespace {

void add(ClusterSpec& spec, Role role) {
  if (const auto member = next_of(spec, role)) spec.nodes.push_back(*member);
  std::ranges::sort(spec.nodes);
}

}  // namespace

void grow(ClusterSpec& spec, int count) {
  for (int missing = std::min(count, max_nodes) - node_count(spec); missing > 0; --missing) add(spec, Role::worker);
}

void grow_control_planes(ClusterSpec& spec, int count) {
  for (int missing = count - control_plane_count(spec); missing > 0; --missing) add(spec, Role::control_plane);
}

bool is_control_plane_host(int number) {
  const bool workers = number > before_workers && number <= before_workers + most_workers;
  return number > before_control_planes && number <= last_host && !workers;
}

bool control_plane_schedulable(const ClusterSpec& spec) {
  return spec.schedule_on_control_plane.value_or(node_count(spec) == control_plane_count(spec));
}

bool network_is_brought(const ClusterSpec& spec) {
  return spec.pod_network.kind == PodNetwork::Kind::none || spec.pod_network.kind == PodNetwork::Kind::manifest;
}
bool enforces_policies(const ClusterSpec& spec) {
  return spec.pod_network.kind == PodNetwork::Kind::own && !spec.no_kubernetes;
}

Ipv4 gateway_of(const PlacedSpec& spec) { return spec.node_subnet.host(1); }
Ipv4 api_service_address(const ClusterSpec& spec) { return spec.service_range.host(1); }
Ipv4 dns_service_address(const ClusterSpec& spec) { return spec.service_range.host(10); }

std::string to_string(const Taint& taint) {
  return taint.key + (taint.value.empty() ? "" : "=" + taint.value) + ":" + taint.effect;
}

Result<Taint> parse_taint(const std::string& text) {
  const auto wrong = [&] {
    return make_error(ErrorId::usage, "'" + text + "' is no taint",
                      "Write KEY=VALUE:EFFECT or KEY:EFFECT; the effect is NoSchedule, PreferNoSchedule or NoExecute");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong();
  const auto effect = text.substr(colon + 1);
  if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") return wrong();
  const auto key_value = text.substr(0, colon);
  const auto equals = key_value.find('=');
  const auto label = parse_label(equals == std::string::npos ? key_value + "=" : key_value);
  if (!label.ok()) return wrong();
  return Taint{label->first, label->second, effect};
}

Result<std::pair<std::string, std::string>> parse_label(const std::string& text) {
  const auto equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  const auto slash = key.rfind('/');
  const std::string name = slash == std::string::npos ? key : key.substr(slash + 1);
  const std::string prefix = slash == std::string::npos ? "" : key.substr(0, slash);
  if (equals != std::string::npos && is_label_word(name) && (slash == std::string::npos || is_dns_name(prefix)) &&
      (value.empty() || is_label_word(value))) {
    return std::pair(key, value);
  }
  return make_error(ErrorId::usage, "'" + text + "' is no label of Kubernetes",
                    "Write KEY=VALUE with at most 63 letters, digits, '-', '_' and '.', such as tier=front");
}

Result<void> check_profile_name(std::string_view name) {
  constexpr std::size_t longest = 40;
  const auto bad = [&](std::string_view why) {
    return make_error(ErrorId::usage, "The profile name '" + std::string(name) + "' " + std::string(why),
                      "Use at most 40 lower-case letters, digits and dashes, such as 'lab' or 'my-cluster'");
  };
  if (name.empty()) return bad("is empty");
  if (name.size() > longest) return bad("is too long");
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos) {
    return bad("has a character that a host name cannot have");
  }
  if (name.front() == '-' || name.back() == '-') return bad("starts or ends with a dash");
  return {};
}

Result<void> check_context_name(std::string_view name) {
  constexpr std::size_t longest = 253;
  const auto plain = [](unsigned char c) { return c > ' ' && c != 0x7F; };
  if (!name.empty() && name.size() <= longest && std::ranges::all_of(name, plain)) return {};
  return make_error(ErrorId::usage, "'" + std::string(name) + "' is no name for a context",
                    "Use up to 253 characters without spaces, such as 'lab' or 'me@lab'");
}

}  // namespace skiff
