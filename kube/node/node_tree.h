// SPDX-License-Identifier: Apache-2.0
// Everything a node is given before its init goes on, as one tree of files: certificates, kubeconfigs, component
// configurations, CNI file, routes and the list of services to run. Pure: equal arguments give equal trees but for
// keys.
//
// The contract with the node image (images/node/):
//   /etc/skiff/node.env                shell variables, read by init and the services: NODE, ROLE, ADDRESS, POD_CIDR,
//                                      POD_RANGE, SERVICE_RANGE, DNS_ADDRESS, DNS_DOMAIN, API_SERVER (address:port),
//                                      SERVICES (space-separated names of folders below /etc/skiff/services), ROUTES
//                                      ("cidr=via" pairs, one per other node that may ever come), HOST_NAMES (a line of
//                                      /etc/hosts), ADDRESS6, POD_RANGE6, SERVICE_RANGE6 and ROUTES6 (of clusters with
//                                      both families of addresses), NETWORK_POLICIES ("enforced": runs the service of
//                                      that name, where the image has it), POD_NETWORK ("brought": no routes and rules
//                                      for pods); on one of several control planes (format 2) also API_ADDRESS,
//                                      CONTROL_PLANES (addresses of the others) and ETCD_FOUNDER (yes: without data it
//                                      begins a cluster of its own)
//   /etc/skiff/resolv.conf             what kubelet hands to pods with dnsPolicy Default (the host's real resolvers)
//   /etc/skiff/profile.yaml            on the control plane: what the profile holds, for whoever has lost it
//   /etc/skiff/flags/<service>         what the user set: flags of the service, one a line, in place of its own
//   /etc/skiff/ready                   last entry of the tar: init waits for it
//   /etc/kubernetes/pki/...            kubeadm's layout; on workers only ca.crt, kubelet.crt, kubelet.key
//   /var/lib/minikube/certs/...        of nodes with minikube's names: the certificates once more, for scripts
//   /etc/kubernetes/{admin,controller-manager,scheduler,kubelet,kube-proxy,network-policy}.conf   kubeconfigs
//                                      (workers: the last three; the last only where skiff enforces policies)
//   /etc/kubernetes/{kubelet,kube-proxy}.yaml  component configurations
//   /etc/containerd/certs.d/...        registries that are not as usual (registry_hosts.h)
//   /etc/skiff/containerd.env          proxies, in the words of a shell; images from before ADR 66 know nothing of it
//   /etc/ssl/certs/...                 authorities that are trusted beside Debian's
//   /var/lib/kubelet/config.json       logins for registries
//   /etc/skiff/given/<digest>          which of the last four there are (outside.h)
//   /etc/cni/net.d/10-skiff.conflist   ptp + host-local + portmap, or the user's own; absent where the network is
//   brought
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kube/node/outside.h"
#include "kube/pki.h"
#include "model/cluster_spec.h"
#include "model/file_tree.h"

namespace skiff::kube {

// Of the contract above. Another one whenever an older node image could misread a tree; node images are labelled with
// the newest that they read (drivers::NodeImage).
inline constexpr int node_tree_format = 2;
// That of this cluster's trees. Images read older ones as well.
int tree_format_of(const ClusterSpec& spec);

struct NodeTreeInput {
  const PlacedSpec& spec;
  const NodeSpec& node;
  const Authorities& authorities;
  std::vector<std::string> name_servers;     // of the host; without any, pods ask the host itself
  std::vector<std::string> extra_api_names;  // more names or addresses for the API certificate (a remote daemon's host)
  int pod_mtu = 1500;
  std::vector<std::string> search_domains = {};  // of the host; pods look up short names in them, after the cluster's
  Outside outside = {};
  std::vector<TreeFile> user_files = {};  // of the user's own, as they are; nothing that is made here gives way
};
Result<FileTree> render_node_tree(const NodeTreeInput& input);

// Single pieces, for golden tests. The configurations hold what the user set.
std::string render_kubelet_config(const NodeTreeInput& input);
std::string render_kube_proxy_config(const NodeTreeInput& input);
// The flags that the user set, by the name of their service ("kube-apiserver"); those without any too.
std::map<std::string, std::string> render_flags(const NodeTreeInput& input);
std::string render_cni_config(const NodeTreeInput& input);
std::string render_node_env(const NodeTreeInput& input);
std::string render_resolv_conf(const PlacedSpec& spec, std::vector<std::string> name_servers,
                               const std::vector<std::string>& search_domains);

// An admin identity for skiff itself and for the user's kubeconfig.
Result<KeyPair> issue_admin(const Authorities& authorities, const KubernetesSettings& settings);

}  // namespace skiff::kube
