// SPDX-License-Identifier: Apache-2.0
// The description of one cluster: what the user asked for with every default filled in. Plain data, in two stages: a
// ClusterSpec is complete but for the network that the driver makes, a PlacedSpec has it, and only of that nodes_of()
// derives what each node needs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/folder_mount.h"
#include "model/ip.h"
#include "model/kubernetes_settings.h"
#include "model/proxies.h"
#include "model/published_port.h"
#include "model/registries.h"

namespace skiff {

enum class Role { control_plane, worker };
std::string_view to_string(Role role);  // "control-plane", "worker"

// A node as the profile keeps it: its role, and its number among those of that role, from 1 on. Name, address and pod
// range follow from these two, so they stay as they are when other nodes come and go.
struct Member {
  Role role = Role::worker;
  int number = 1;
  auto operator<=>(const Member&) const = default;  // control planes first
};
std::string to_string(const Member& member);                // "cp1", "w3"
std::optional<Member> parse_member(std::string_view text);  // nothing when there can be no such node

// What nodes are called: by their roles ("lab-cp1", "lab-w1"), or as minikube calls them, where scripts expect that:
// the first control plane as the cluster, the others of both roles by number ("lab", "lab-m02"), each number once.
enum class NodeNames { roles, numbers };

// Which cluster it is. Names can be the same for two users of one provider; the id tells whose it is. Both arguments
// are always given: a name alone identifies nothing.
struct ClusterId {
  std::string name;
  std::string id;  // random; empty for clusters from before there were ids, whose things carry none
  ClusterId() = default;
  ClusterId(std::string its_name, std::string its_id) : name(std::move(its_name)), id(std::move(its_id)) {}
  bool operator==(const ClusterId&) const = default;
};

// What keeps pods off a node that do not tolerate it.
struct Taint {
  std::string key;
  std::string value;  // may be empty
  std::string effect;
  auto operator<=>(const Taint&) const = default;
};
std::string to_string(const Taint& taint);           // "gpu=yes:NoSchedule", "gpu:NoExecute"
Result<Taint> parse_taint(const std::string& text);  // usage
// "tier=front", as Kubernetes takes it: usage.
Result<std::pair<std::string, std::string>> parse_label(const std::string& text);

// What one node has for itself. A size that is unset is the cluster's.
struct NodeSettings {
  std::optional<double> cpus;
  std::optional<std::int64_t> memory_mib;
  std::map<std::string, std::string> labels = {};  // of its Node object
  std::vector<Taint> taints = {};
  bool operator==(const NodeSettings&) const = default;
};

// Who gives pods their network: skiff; nobody yet, as somebody will bring one; skiff by a configuration of the user's
// own; objects that were applied to the API.
struct PodNetwork {
  enum class Kind { own, none, conflist, manifest };
  Kind kind = Kind::own;
  std::string conflist = {};  // of that kind: the text, where ${podCIDR} stands for the node's range
  bool operator==(const PodNetwork&) const = default;
};

struct ClusterSpec {
  std::string profile;             // name of the cluster, its kubeconfig context, and prefix of its node names
  std::string driver;              // "docker", "libvirt"
  std::string driver_uri;          // where the driver's provider is; empty = its usual place
  std::string kubernetes_version;  // "v1.37.2"
  std::string node_image;          // image reference; content-addressed tag
  std::vector<Member> nodes = {{Role::control_plane, 1}};
  std::map<Member, NodeSettings> node_settings;  // of those of `nodes` that have any
  NodeNames node_names = NodeNames::roles;
  double cpus = 0;                                // per node; 0 = no limit (docker) or the driver's default
  std::int64_t memory_mib = 0;                    // per node; 0 as above
  std::int64_t disk_mib = 0;                      // per node; 0 as above; ignored by drivers without disks of their own
  std::optional<bool> schedule_on_control_plane;  // unset: only without workers
  Cidr node_subnet;                               // /24; all zero until the driver has made the network
  Cidr pod_range = {{0x0AF40000}, 16};            // 10.244.0.0/16, the customary range of kubeadm's tutorials
  Cidr service_range = {{0x0A600000}, 12};        // 10.96.0.0/12, kubeadm's default
  std::vector<std::string> addons;
  // What the user set about addons, enabled or not: addon -> value's name -> text.
  std::map<std::string, std::map<std::string, std::string>> addon_values;
  std::string id = {};       // see ClusterId
  std::string owner = {};    // who made it, for people: "ann (/home/ann/.skiff)"
  std::string context = {};  // name of its entries in kubeconfigs; empty = the profile's
  KubernetesSettings kubernetes = {};
  int control_plane_host = 0;  // last number of the first control plane's address; 0 = the usual one
  bool no_kubernetes = false;  // the nodes run containers, and nothing of Kubernetes
  Registries registries = {};
  Proxies proxies = {};              // by which the nodes reach registries
  std::string authorities = {};      // certificates that the nodes trust beside the system's: PEM, of one file
  std::string registry_config = {};  // a file with logins for registries, as Docker has it; "docker" = Docker's own
  std::string given = {};  // the digest of what all nodes have of these (kube/node/outside.h); empty = nothing
  std::vector<PublishedPort> ports = {};  // of the control plane's node
  std::string network_name = {};          // the provider's name of the nodes' network; empty = the usual one
  std::vector<FolderMount> mounts = {};   // folders of this host that every node has
  PodNetwork pod_network = {};
  bool dual_stack = false;  // IPv6 beside IPv4, for nodes, pods and services (model/dual_stack.h)
  // Several control planes have run together. From then on the API has an address of its own, also with one of them,
  // and no control plane without data begins an etcd of its own but the last one.
  bool shared_api = false;
};

ClusterId identity_of(const ClusterSpec& spec);
std::string context_of(const ClusterSpec& spec);

// A cluster whose network is there.
struct PlacedSpec : ClusterSpec {
  PlacedSpec(ClusterSpec spec, const Cidr& network) : ClusterSpec(std::move(spec)) { node_subnet = network; }
};
// Nothing while the driver has not made its network.
std::optional<PlacedSpec> placed(const ClusterSpec& spec);

// A node before it has an address.
struct NodeName {
  std::string name;  // "lab-cp1", "lab-w1", ...; see NodeNames
  Role role = Role::worker;
};

struct NodeSpec : NodeName {
  Ipv4 address;                 // fixed for the node's life
  Cidr pod_cidr;                // /24 of the pod range
  double cpus = 0;              // as in ClusterSpec
  std::int64_t memory_mib = 0;  // as in ClusterSpec
  std::map<std::string, std::string> labels = {};
  std::vector<Taint> taints = {};
  std::string address6 = {};   // of a cluster of both families
  std::string pod_cidr6 = {};  // a /64
};

// All nodes of the cluster, control planes first.
std::vector<NodeName> names_of(const ClusterSpec& spec);
std::vector<NodeSpec> nodes_of(const PlacedSpec& spec);
std::vector<NodeName> control_planes_of(const ClusterSpec& spec);  // those of them
// Every node that the cluster may ever have. Names are of no use here: with numbers two of them may share one.
std::vector<NodeSpec> possible_nodes_of(const PlacedSpec& spec);
// The address of the node of that name, for whoever tells of it; nothing while the cluster has no network.
std::optional<Ipv4> address_of(const ClusterSpec& spec, std::string_view node);

// Where the cluster's API answers its nodes and this host. Who means the API asks here, not for a node. With one
// control plane it is that node's address, else one that a control plane holds whose API server answers.
struct ApiEndpoint {
  Ipv4 host;
  std::uint16_t port = 0;
  std::string authority() const;  // "192.168.80.2:6443"
  std::string url() const;        // "https://192.168.80.2:6443"
};
ApiEndpoint api_of(const PlacedSpec& spec);
bool shares_api(const ClusterSpec& spec);
// The API server of one control plane.
ApiEndpoint api_on(const PlacedSpec& spec, const NodeSpec& control_plane);
// The first control plane, for what is said of one alone.
std::string control_plane_of(const ClusterSpec& spec);
// Whether etcd on this control plane begins a new cluster when it has no data; else it joins the others.
bool founds_etcd(const ClusterSpec& spec, const NodeName& node);

std::string name_of(const ClusterSpec& spec, const Member& member);  // "lab-w3"
// What people may call a node within its cluster: "w3" for "lab-w3"; the whole name where it is not longer than that.
std::string short_node_name(std::string_view cluster, std::string_view name);
// Which member a node of that name is, in this cluster or some day; nothing when there can be no such node. With
// numbers a name tells the role only of members that there are.
std::optional<Member> parse_node_name(const ClusterSpec& spec, std::string_view name, std::optional<Role> role = {});
// The cluster's member of that name, in full or without the cluster's name ("lab-w3", "w3").
std::optional<Member> member_named(const ClusterSpec& spec, std::string_view name);
int node_count(const ClusterSpec& spec);
int control_plane_count(const ClusterSpec& spec);
// Adds workers until there are `count` nodes: the next numbers after the highest, and below it only when those are all
// taken, so that a node that left is not soon taken for a new one. Nothing when there are as many.
void grow(ClusterSpec& spec, int count);
// Adds control planes in the same way until there are so many.
void grow_control_planes(ClusterSpec& spec, int count);
inline constexpr int most_control_planes = 9;

// Whether ordinary pods may run on control planes; they are tainted otherwise, as kubeadm does.
bool control_plane_schedulable(const ClusterSpec& spec);

// Skiff enforces NetworkPolicies in the network that it makes; who brings another brings that with it.
bool enforces_policies(const ClusterSpec& spec);
// Whether pods' packets between nodes are somebody else's to carry.
bool network_is_brought(const ClusterSpec& spec);

Ipv4 gateway_of(const PlacedSpec& spec);  // the host's own address in the node network
// The names of that address in nodes and pods: skiff's own, Docker's and minikube's.
inline constexpr std::string_view host_names = "host.skiff.internal host.docker.internal host.minikube.internal";
Ipv4 api_service_address(const ClusterSpec& spec);  // first address of the service range
Ipv4 dns_service_address(const ClusterSpec& spec);  // tenth address of the service range
// Whether the address's last number may be the first control plane's: those of workers and of the host may not.
bool is_control_plane_host(int number);
inline constexpr int max_nodes = 100;

// Profile names become host names and container names: RFC 1123 labels of at most 40 characters.
Result<void> check_profile_name(std::string_view name);
// Names of contexts are anybody's words ("ann@lab", "arn:aws:..."): anything without spaces and control characters.
Result<void> check_context_name(std::string_view name);

}  // namespace skiff
