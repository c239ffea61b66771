#include "model/cluster_spec.h"

#include <algorithm>

namespace skiff {

std::string_view to_string(Role role) { return role == Role::control_plane ? "control-plane" : "worker"; }

namespace {
// Host numbers inside the /24: .1 is the host, .2 the control plane, .11 and up the workers. The node's pod range
// takes the same number as its third byte, so that one can read the owner off a pod's address.
NodeSpec node(const ClusterSpec& spec, Role role, int index, std::uint32_t number) {
  const std::string suffix = (role == Role::control_plane ? "-cp" : "-w") + std::to_string(index);
  const bool addressed = spec.node_subnet.bits != 0;
  return {spec.profile + suffix, role, addressed ? spec.node_subnet.host(number) : Ipv4{},
          Cidr{spec.pod_range.host(number << 8), 24}};
}
}  // namespace

ClusterId identity_of(const ClusterSpec& spec) { return {spec.profile, spec.id}; }

std::string context_of(const ClusterSpec& spec) { return spec.context.empty() ? spec.profile : spec.context; }

std::vector<NodeSpec> nodes_of(const ClusterSpec& spec) {
  std::vector<NodeSpec> nodes{node(spec, Role::control_plane, 1, 2)};
  for (int i = 1; i < spec.nodes; ++i) nodes.push_back(node(spec, Role::worker, i, 10 + static_cast<unsigned>(i)));
  return nodes;
}

bool control_plane_schedulable(const ClusterSpec& spec) {
  return spec.schedule_on_control_plane.value_or(spec.nodes == 1);
}

Ipv4 gateway_of(const ClusterSpec& spec) { return spec.node_subnet.host(1); }
Ipv4 api_service_address(const ClusterSpec& spec) { return spec.service_range.host(1); }
Ipv4 dns_service_address(const ClusterSpec& spec) { return spec.service_range.host(10); }

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
