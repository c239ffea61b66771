// The configuration of what runs in a node, as pure rendering. The values that differ from Kubernetes' defaults are
// those that a node without swap control, with cgroup v1 or v2, on somebody's laptop needs.
#include <tuple>

#include "base/json.h"
#include "base/strings.h"
#include "kube/node_tree.h"
#include "sys/host_net.h"

namespace skiff::kube {
namespace {

std::string shell_quoted(std::string_view value) { return "'" + replace_all(value, "'", R"('\'')") + "'"; }

// A pod's packets to another node's pods go straight to that node: to every node that the cluster may ever have, so
// that one that runs already reaches the pods of one that comes.
std::string routes(const NodeTreeInput& input) {
  ClusterSpec largest = input.spec;
  grow(largest, max_nodes);
  std::vector<std::string> pairs;
  for (const auto& other : nodes_of(largest)) {
    if (other.name == input.node.name) continue;
    pairs.push_back(to_string(other.pod_cidr) + "=" + to_string(other.address));
  }
  return join(pairs, " ");
}

std::string_view services(Role role) {
  return role == Role::control_plane
             ? "containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy"
             : "containerd kubelet kube-proxy";
}

}  // namespace

std::string render_kubelet_config(const NodeTreeInput& input) {
  return to_yaml(JsonObject{
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
      {"clusterDomain", "cluster.local"},
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
  });
}

std::string render_kube_proxy_config(const NodeTreeInput& input) {
  return to_yaml(JsonObject{
      {"apiVersion", "kubeproxy.config.k8s.io/v1alpha1"},
      {"kind", "KubeProxyConfiguration"},
      {"clientConnection", JsonObject{{"kubeconfig", "/etc/kubernetes/kube-proxy.conf"}}},
      {"hostnameOverride", input.node.name},
      {"clusterCIDR", to_string(input.spec.pod_range)},
      // Unlike iptables mode it rejects packets to a service port that does not exist.
      {"mode", "nftables"},
      {"nftables", JsonObject{{"minSyncPeriod", "100ms"}}},
      {"oomScoreAdj", 0},
      // These limits are the host's, and not ours to change.
      {"conntrack",
       JsonObject{{"maxPerCore", 0}, {"min", 0}, {"tcpEstablishedTimeout", "0s"}, {"tcpCloseWaitTimeout", "0s"}}},
  });
}

std::string render_cni_config(const NodeTreeInput& input) {
  const JsonObject addresses{
      {"type", "host-local"},
      {"dataDir", "/run/cni/ipam"},  // gone with the node's processes, else addresses of killed pods stay taken
      {"ranges", JsonArray{JsonArray{JsonObject{{"subnet", to_string(input.node.pod_cidr)}}}}},
      {"routes", JsonArray{JsonObject{{"dst", "0.0.0.0/0"}}}}};
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
  set("API_SERVER", std::string_view(api_url(spec)).substr(std::string_view("https://").size()));
  set("SERVICES", services(node.role));
  set("ROUTES", routes(input));
  return text;
}

// CoreDNS does not start without a server to forward to. Where none is known it is the network's gateway, an address of
// the nodes' host: libvirt may answer there, else it refuses at once, and nothing leaves the machine.
std::string render_resolv_conf(const ClusterSpec& spec, std::vector<std::string> servers,
                               const std::vector<std::string>& search_domains) {
  if (servers.empty()) servers.push_back(to_string(gateway_of(spec)));
  return sys::render({std::move(servers), search_domains});
}

std::string api_url(const ClusterSpec& spec) {
  return "https://" + to_string(nodes_of(spec).front().address) + ":" + std::to_string(api_port);
}

}  // namespace skiff::kube
