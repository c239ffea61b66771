// SPDX-License-Identifier: Apache-2.0
// The configuration of what runs in a node, as pure rendering. The values that differ from Kubernetes' defaults are
// those that a node without swap control, with cgroup v1 or v2, on somebody's laptop needs.
#include <algorithm>
#include <tuple>

#include "base/json.h"
#include "base/strings.h"
#include "kube/node/node_tree.h"
#include "model/dual_stack.h"
#include "sys/net/host_net.h"

namespace skiff::kube {
namespace {

std::string shell_quoted(std::string_view value) { return "'" + replace_all(value, "'", R"('\'')") + "'"; }

// Both ranges where there are both families, as Kubernetes writes them.
std::string both(std::string first, const std::string& second) {
  return second.empty() ? first : std::move(first) + "," + second;
}
std::string pod_ranges(const ClusterSpec& spec) {
  return both(to_string(spec.pod_range), spec.dual_stack ? pod_range6(spec.pod_range) : "");
}

// A pod's packets to another node's pods go straight to that node: to every node that the cluster may ever have, so
// that one that runs already reaches the pods of one that comes.
enum class Family { ipv4, ipv6 };
std::string routes(const NodeTreeInput& input, Family family) {
  std::vector<std::string> pairs;
  for (const auto& other : possible_nodes_of(input.spec)) {
    if (other.address == input.node.address) continue;
    pairs.push_back(family == Family::ipv4 ? to_string(other.pod_cidr) + "=" + to_string(other.address)
                                           : other.pod_cidr6 + "=" + other.address6);
  }
  return join(pairs, " ");
}

std::string services(const ClusterSpec& spec, Role role) {
  if (spec.no_kubernetes) return "containerd";
  if (role == Role::worker) return "containerd kubelet kube-proxy";
  return std::string("containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy") +
         (shares_api(spec) ? " api-address" : "");
}

// Addresses of the other control planes.
std::string others(const NodeTreeInput& input) {
  std::vector<std::string> addresses;
  for (const auto& node : nodes_of(input.spec)) {
    if (node.role == Role::control_plane && node.name != input.node.name) addresses.push_back(to_string(node.address));
  }
  return join(addresses, " ");
}

// Kubelet's settings are flags ("max-pods") or fields of its configuration ("maxPods", "logging.verbosity"): both are
// known by how they are written. kube-proxy ignores flags beside its configuration.
bool is_field(const ComponentSetting& setting) {
  if (setting.component == "kube-proxy") return true;
  return setting.component == "kubelet" &&
         std::ranges::any_of(setting.key, [](char c) { return c == '.' || (c >= 'A' && c <= 'Z'); });
}

// What is JSON counts as such: a number, a truth, a list; all else is a text.
Json typed(const std::string& text) {
  auto value = parse_json(text);
  return value.ok() ? *std::move(value) : Json(text);
}

void set_field(JsonObject& configuration, const std::string& path, const std::string& text) {
  JsonObject* at = &configuration;
  const auto names = split(path, '.');
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    Json& inner = (*at)[names[i]];
    at = inner.is_object() ? &inner.get_object() : &inner.emplace_object();
  }
  (*at)[names.back()] = typed(text);
}

// A component's configuration with what the user set in it.
std::string with_settings(JsonObject configuration, const KubernetesSettings& settings, std::string_view component) {
  JsonObject gates;
  for (const auto& [gate, on] : settings.feature_gates) gates[gate] = on;
  if (!gates.empty()) configuration["featureGates"] = std::move(gates);
  for (const auto& setting : settings.components) {
    if (setting.component == component && is_field(setting)) set_field(configuration, setting.key, setting.value);
  }
  return to_yaml(configuration);
}

std::string flags_of(const KubernetesSettings& settings, std::string_view component) {
  std::string flags;
  std::vector<std::string> gates;
  for (const auto& [gate, on] : settings.feature_gates) gates.push_back(gate + (on ? "=true" : "=false"));
  const bool takes_gates = component != "etcd" && component != "kubelet";  // kubelet has them in its configuration
  if (takes_gates && !gates.empty()) flags += "--feature-gates=" + join(gates, ",") + "\n";
  for (const auto& setting : settings.components) {
    if (setting.component == component && !is_field(setting)) flags += "--" + setting.key + "=" + setting.value + "\n";
  }
  return flags;
}

}  // namespace

std::map<std::string, std::string> render_flags(const NodeTreeInput& input) {
  const auto& settings = input.spec.kubernetes;
  std::map<std::string, std::string> flags{{"kubelet", flags_of(settings, "kubelet")}};
  if (input.node.role == Role::worker) return flags;
  flags["etcd"] = flags_of(settings, "etcd");
  for (const std::string component : {"apiserver", "controller-manager", "scheduler"}) {
    flags["kube-" + component] = flags_of(settings, component);
  }
  return flags;
}

std::string render_kubelet_config(const NodeTreeInput& input) {
  const JsonObject configuration{
      {"apiVersion", "kubelet.config.k8s.io/v1beta1"},
      {"kind", "KubeletConfiguration"},
      {"authentication", JsonObject{{"anonymous", JsonObject{{"enabled", false}}},
                                    {"webhook", JsonObject{{"enabled", true}}},
                                    {"x509", JsonObject{{"clientCAFile", "/etc/kubernetes/pki/ca.crt"}}}}},
      {"authorization", JsonObject{{"mode", "Webhook"}}},
      {"tlsCertFile", "/etc/kubernetes/pki/kubelet.crt"},
      {"tlsPrivateKeyFile", "/etc/kubernetes/pki/kubelet.key"},
      {"containerRuntimeEndpoint", "unix:///run/containerd/containerd.sock"},
      {"cgroupDriver", "cgroupfs"},
      {"failCgroupV1", false},
      {"failSwapOn", false},
      {"oomScoreAdj", 0},                 // lowering it needs a capability that a container may lack
      {"makeIPTablesUtilChains", false},  // nobody here looks for kubelet's chains; making them costs 0.2 CPU-s
      {"clusterDNS", JsonArray{Json(to_string(dns_service_address(input.spec)))}},
      {"clusterDomain", input.spec.kubernetes.dns_domain},
      {"resolvConf", "/etc/skiff/resolv.conf"},
      {"registerNode", true},
      {"serializeImagePulls", false},
      // A resumed node tells that it is Ready at its first look at itself, not after the default 10 s.
      {"nodeStatusUpdateFrequency", "1s"},
      {"nodeStatusReportFrequency", "5m"},
      // The disk is the host's: it may be nearly full without any fault of the cluster.
      {"imageGCHighThresholdPercent", 100},
      {"evictionHard", JsonObject{{"memory.available", "0%"},
                                  {"nodefs.available", "0%"},
                                  {"nodefs.inodesFree", "0%"},
                                  {"imagefs.available", "0%"},
                                  {"imagefs.inodesFree", "0%"}}},
  };
  return with_settings(configuration, input.spec.kubernetes, "kubelet");
}

std::string render_kube_proxy_config(const NodeTreeInput& input) {
  const JsonObject configuration{
      {"apiVersion", "kubeproxy.config.k8s.io/v1alpha1"},
      {"kind", "KubeProxyConfiguration"},
      {"clientConnection", JsonObject{{"kubeconfig", "/etc/kubernetes/kube-proxy.conf"}}},
      {"hostnameOverride", input.node.name},
      {"clusterCIDR", pod_ranges(input.spec)},
      // Unlike iptables mode it rejects packets to a service port that does not exist.
      {"mode", "nftables"},
      {"nftables", JsonObject{{"minSyncPeriod", "100ms"}}},
      {"oomScoreAdj", 0},
      // These limits are the host's, and not ours to change.
      {"conntrack",
       JsonObject{{"maxPerCore", 0}, {"min", 0}, {"tcpEstablishedTimeout", "0s"}, {"tcpCloseWaitTimeout", "0s"}}},
  };
  return with_settings(configuration, input.spec.kubernetes, "kube-proxy");
}

std::string render_cni_config(const NodeTreeInput& input) {
  if (input.spec.pod_network.kind == PodNetwork::Kind::conflist) {
    return replace_all(input.spec.pod_network.conflist, "${podCIDR}", to_string(input.node.pod_cidr));
  }
  JsonArray ranges;
  JsonArray routes;
  const auto add = [&](const std::string& subnet, std::string_view everywhere) {
    JsonArray range;
    range.push_back(JsonObject{{"subnet", subnet}});
    ranges.push_back(std::move(range));
    routes.push_back(JsonObject{{"dst", everywhere}});
  };
  add(to_string(input.node.pod_cidr), "0.0.0.0/0");
  if (input.spec.dual_stack) add(input.node.pod_cidr6, "::/0");
  const JsonObject addresses{
      {"type", "host-local"},
      {"dataDir", "/run/cni/ipam"},  // gone with the node's processes, else addresses of killed pods stay taken
      {"ranges", std::move(ranges)},
      {"routes", std::move(routes)}};
  return to_pretty_text(JsonObject{
      {"cniVersion", "0.4.0"},
      {"name", "skiff"},
      {"plugins", JsonArray{JsonObject{{"type", "ptp"}, {"ipMasq", false}, {"mtu", input.pod_mtu}, {"ipam", addresses}},
                            JsonObject{{"type", "portmap"}, {"capabilities", JsonObject{{"portMappings", true}}}}}},
  });
}

std::string render_node_env(const NodeTreeInput& input) {
  const auto& [spec, node] = std::tie(input.spec, input.node);
  std::string text;
  const auto set = [&](std::string_view name, std::string_view value) {
    text += std::string(name) + "=" + shell_quoted(value) + "\n";
  };
  set("NODE", node.name);
  set("ROLE", to_string(node.role));
  set("ADDRESS", to_string(node.address));
  set("POD_CIDR", to_string(node.pod_cidr));
  set("POD_RANGE", to_string(spec.pod_range));
  set("SERVICE_RANGE", to_string(spec.service_range));
  set("DNS_ADDRESS", to_string(dns_service_address(spec)));
  set("DNS_DOMAIN", spec.kubernetes.dns_domain);
  set("API_SERVER", api_of(spec).authority());
  if (node.role == Role::control_plane && shares_api(spec)) {
    set("API_ADDRESS", to_string(api_of(spec).host));
    set("CONTROL_PLANES", others(input));
    set("ETCD_FOUNDER", founds_etcd(spec, node) ? "yes" : "no");
  }
  set("SERVICES", services(spec, node.role));
  set("ROUTES", routes(input, Family::ipv4));
  if (spec.dual_stack) {
    set("ADDRESS6", node.address6);
    set("POD_RANGE6", pod_range6(spec.pod_range));
    set("SERVICE_RANGE6", service_range6(spec.service_range));
    set("ROUTES6", routes(input, Family::ipv6));
  }
  set("HOST_NAMES", to_string(gateway_of(spec)) + " " + std::string(host_names));
  if (enforces_policies(spec)) set("NETWORK_POLICIES", "enforced");
  if (network_is_brought(spec)) set("POD_NETWORK", "brought");
  if (!spec.mounts.empty()) set("FOLDERS", "awaited");
  return text;
}

// CoreDNS does not start without a server to forward to. Where none is known it is the network's gateway, an address of
// the nodes' host: libvirt may answer there, else it refuses at once, and nothing leaves the machine.
std::string render_resolv_conf(const PlacedSpec& spec, std::vector<std::string> servers,
                               const std::vector<std::string>& search_domains) {
  if (servers.empty()) servers.push_back(to_string(gateway_of(spec)));
  return sys::render({std::move(servers), search_domains});
}

}  // namespace skiff::kube
