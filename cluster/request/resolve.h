// SPDX-License-Identifier: Apache-2.0
// What the user said about a cluster, and the complete specification that follows from it.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "model/cluster_spec.h"

namespace skiff::cluster {

// What the user said about Kubernetes itself. A list that is given replaces the profile's, and an empty one takes it
// away.
struct KubernetesRequest {
  using List = std::optional<std::vector<std::string>>;
  std::optional<std::string> api_name;  // under which users reach the API
  List api_names;
  List api_addresses;
  std::optional<int> api_port;
  std::optional<std::chrono::seconds> certificate_lifetime;
  std::optional<std::string> dns_domain;
  std::optional<std::string> context_namespace;
  List components;           // "kubelet.max-pods=50"
  List feature_gates;        // "SomeGate=true"
  std::optional<bool> none;  // no Kubernetes at all
};

// "No limit", as a number of CPUs and as a size.
inline constexpr double all_cpus = std::numeric_limits<double>::infinity();
bool is_all(std::string_view text);  // "max", "no-limit"

// What the user said of nodes that are added; what is unset is the cluster's.
struct NodeRequest {
  std::optional<double> cpus;         // or all_cpus
  std::optional<std::string> memory;  // as in StartRequest
  std::vector<std::string> labels;    // "tier=front"
  std::vector<std::string> taints;    // "gpu=yes:NoSchedule"
};
// How many control planes a file names: 1 when it names none.
struct NodeRequests {
  int control_planes = 1;
  std::vector<NodeRequest> nodes;  // these first, then the workers
};

// What the user said; everything unset comes from the saved profile, else from the defaults.
struct StartRequest {
  std::string profile;
  std::optional<int> nodes;           // of both roles
  std::optional<int> control_planes;  // of them: 1, 3 or 5
  int more_control_planes = 0;        // beside those that there are; the way by an even number is free
  std::optional<std::string> driver;
  std::optional<std::string> driver_uri;
  std::optional<std::string> kubernetes_version;
  std::optional<std::string> node_image;
  std::optional<std::string> subnet;
  std::optional<std::string> static_ip;  // of the control plane
  std::optional<double> cpus;            // or all_cpus
  std::optional<std::string> memory;     // "2g", "2048m", "2048" (MiB), "max"
  std::optional<std::string> disk_size;
  std::optional<bool> schedule_on_control_plane;
  std::optional<std::string> context;  // name of its entries in kubeconfigs; the profile's when nothing was ever said
  NodeNames node_names = NodeNames::roles;  // of a cluster that is new
  std::vector<std::string> addons;          // added to the profile's
  KubernetesRequest kubernetes = {};
  std::optional<std::string> pod_range;
  std::optional<std::string> service_range;
  std::optional<std::string> network;           // the provider's name of one
  KubernetesRequest::List ports;                // "8080:30080"
  std::optional<std::string> listen_address;    // of ports that name none
  KubernetesRequest::List insecure_registries;  // a list that is given replaces the profile's
  KubernetesRequest::List registry_mirrors;
  // A proxy, "none", or "environment": as each start's environment has it.
  std::optional<std::string> http_proxy;
  std::optional<std::string> https_proxy;
  std::optional<std::string> no_proxy;
  std::optional<Proxies> environment;          // as this start's environment has them; unset: those of before stay
  std::optional<std::string> ca_file;          // a file with certificates that nodes trust, or "none" ...
  std::string authorities = {};                // ... with this content
  std::optional<std::string> registry_config;  // a file with logins for registries, "docker", or "none"
  std::optional<std::string> ip_family;        // "ipv4", "dual"
  std::optional<std::string> cni;              // "none", "default", minikube's words, or the name of a file ...
  std::string cni_content = {};                // ... with this content
  KubernetesRequest::List mounts;              // "SRC:DST"
  std::map<std::string, std::map<std::string, std::string>> addon_values;  // set of the profile's, by addon
  // Of each node: all that the cluster is to have. Instead of `nodes`, `control_planes` and `new_nodes`.
  std::optional<NodeRequests> each_node;
  NodeRequest new_nodes = {};  // of a cluster that is there
  // Applied once the cluster is usable, by each start that is given them: files, folders, URLs, as kubectl takes them.
  std::vector<std::string> manifests = {};
  bool dry_run = false;
  bool download_only = false;            // make what a start needs, and no cluster
  bool keep_context = false;             // leave current-context of the user's kubeconfig alone
  bool keep_on_failure = false;          // leave what this run made, for a look at it
  std::optional<Duration> wait_timeout;  // unset: 6 minutes, or 30 where processors are emulated
};

// Pure: defaults, merge with the saved profile, every validation. usage, unsupported or profile_conflict. The node
// image stays empty where only the driver can tell which it is to be.
Result<ClusterSpec> resolve(const StartRequest& request, const std::optional<ClusterSpec>& saved);

}  // namespace skiff::cluster
