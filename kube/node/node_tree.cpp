// SPDX-License-Identifier: Apache-2.0
#include "kube/node/node_tree.h"

#include <algorithm>
#include <iterator>

#include "kube/kubeconfig.h"
#include "kube/objects.h"
#include "model/profile.h"

namespace skiff::kube {
namespace {

constexpr int secret = 0600;

CertRequest with_lifetime(CertRequest request, const KubernetesSettings& settings) {
  if (settings.certificate_seconds != 0) request.lifetime = std::chrono::seconds(settings.certificate_seconds);
  return request;
}

// Adds certificates and kubeconfigs to one node's tree.
class Identities {
 public:
  Identities(const NodeTreeInput& input, FileTree& tree) : input_(input), tree_(tree) {}

  void pair(const std::string& name, const KeyPair& pair) {
    tree_.add("/etc/kubernetes/pki/" + name + ".crt", pair.cert_pem);
    tree_.add("/etc/kubernetes/pki/" + name + ".key", pair.key_pem, secret);
  }
  Result<void> issued(const std::string& name, const KeyPair& authority, const CertRequest& request) {
    pair(name, TRY(make(authority, request)));
    return {};
  }
  // Leads to the API wherever it is; `on_this_node`: to the node's own API server.
  void kubeconfig(const std::string& name, const KeyPair& identity, bool on_this_node) {
    const auto api = on_this_node ? api_on(input_.spec, input_.node) : api_of(input_.spec);
    tree_.add("/etc/kubernetes/" + name + ".conf",
              to_kubeconfig({input_.spec.profile, api.url(), input_.authorities.cluster.cert_pem, identity}), secret);
  }
  Result<void> kubeconfig_of(const std::string& name, const std::string& user, bool on_this_node) {
    kubeconfig(name, TRY(make(input_.authorities.cluster, {.common_name = user, .client = true})), on_this_node);
    return {};
  }
  Result<KeyPair> make(const KeyPair& authority, const CertRequest& request) const {
    return issue(authority, with_lifetime(request, input_.spec.kubernetes));
  }

 private:
  const NodeTreeInput& input_;
  FileTree& tree_;
};

Result<void> add_node_identities(const NodeTreeInput& input, Identities& identities, FileTree& tree) {
  tree.add("/etc/kubernetes/pki/ca.crt", input.authorities.cluster.cert_pem);
  // Kubelet is a client of the API and serves logs and exec itself: one certificate for both.
  const KeyPair kubelet =
      TRY(identities.make(input.authorities.cluster, {.common_name = "system:node:" + input.node.name,
                                                      .organizations = {"system:nodes"},
                                                      .names = {input.node.name, to_string(input.node.address)},
                                                      .server = true,
                                                      .client = true}));
  identities.pair("kubelet", kubelet);
  identities.kubeconfig("kubelet", kubelet, false);
  TRY(identities.kubeconfig_of("kube-proxy", "system:kube-proxy", false));
  if (!enforces_policies(input.spec)) return {};
  return identities.kubeconfig_of("network-policy", std::string(policy_user), false);
}

Result<void> add_control_plane_identities(const NodeTreeInput& input, Identities& identities, FileTree& tree) {
  const auto& authorities = input.authorities;
  for (const auto& [name, content] : to_files(authorities)) {
    if (name != "ca.crt") tree.add("/etc/kubernetes/pki/" + name, content, name.ends_with(".key") ? secret : 0644);
  }
  const std::string address = to_string(input.node.address);

  std::vector<std::string> api_names = {"kubernetes",
                                        "kubernetes.default",
                                        "kubernetes.default.svc",
                                        "kubernetes.default.svc." + input.spec.kubernetes.dns_domain,
                                        "localhost",
                                        input.node.name,
                                        to_string(api_service_address(input.spec)),
                                        address,
                                        "127.0.0.1",
                                        "::1"};
  if (shares_api(input.spec)) api_names.push_back(to_string(api_of(input.spec).host));
  if (const auto& name = input.spec.kubernetes.api_name; !name.empty()) api_names.push_back(name);
  for (const auto* more : {&input.extra_api_names, &input.spec.kubernetes.api_names}) {
    for (const auto& name : *more) {
      if (std::ranges::find(api_names, name) == api_names.end()) api_names.push_back(name);
    }
  }
  TRY(identities.issued("apiserver", authorities.cluster,
                        {.common_name = "kube-apiserver", .names = api_names, .server = true}));
  TRY(identities.issued(
      "apiserver-kubelet-client", authorities.cluster,
      {.common_name = "kube-apiserver-kubelet-client", .organizations = {"system:masters"}, .client = true}));
  TRY(identities.issued("front-proxy-client", authorities.front_proxy,
                        {.common_name = "front-proxy-client", .client = true}));
  TRY(identities.issued("apiserver-etcd-client", authorities.etcd,
                        {.common_name = "apiserver-etcd-client", .client = true}));
  TRY(identities.issued("etcd/server", authorities.etcd,  // towards clients and, in both directions, towards peers
                        {.common_name = input.node.name,
                         .names = {"localhost", input.node.name, address, "127.0.0.1", "::1"},
                         .server = true,
                         .client = true}));

  identities.kubeconfig("admin", TRY(issue_admin(authorities, input.spec.kubernetes)), true);
  TRY(identities.kubeconfig_of("controller-manager", "system:kube-controller-manager", true));
  return identities.kubeconfig_of("scheduler", "system:kube-scheduler", true);
}

// The certificates, without keys, also where minikube has them: scripts look there.
void add_certificates_for_scripts(FileTree& tree) {
  constexpr std::string_view folder = "/etc/kubernetes/pki/";
  std::vector<TreeFile> copies;
  for (const auto& file : tree.files) {
    if (!file.path.starts_with(folder) || !file.path.ends_with(".crt")) continue;
    copies.push_back({"/var/lib/minikube/certs/" + file.path.substr(folder.size()), file.content, file.mode});
  }
  std::ranges::move(copies, std::back_inserter(tree.files));
}

}  // namespace

int tree_format_of(const ClusterSpec& spec) { return shares_api(spec) ? node_tree_format : 1; }

Result<FileTree> render_node_tree(const NodeTreeInput& input) {
  FileTree tree;
  tree.files = input.user_files;
  Identities identities(input, tree);
  TRY(add_node_identities(input, identities, tree));
  if (input.node.role == Role::control_plane) {
    TRY(add_control_plane_identities(input, identities, tree));
    tree.add("/etc/skiff/profile.yaml", to_profile_yaml(input.spec), secret);
  }
  if (input.spec.node_names == NodeNames::numbers) add_certificates_for_scripts(tree);
  tree.add("/etc/kubernetes/kubelet.yaml", render_kubelet_config(input));
  tree.add("/etc/kubernetes/kube-proxy.yaml", render_kube_proxy_config(input));
  if (!network_is_brought(input.spec)) tree.add("/etc/cni/net.d/10-skiff.conflist", render_cni_config(input));
  tree.add("/etc/skiff/resolv.conf", render_resolv_conf(input.spec, input.name_servers, input.search_domains));
  tree.add("/etc/skiff/node.env", render_node_env(input));
  for (auto& file : outside_files(input.spec, input.outside).files) tree.files.push_back(std::move(file));
  for (const auto& [service, flags] : render_flags(input)) tree.add("/etc/skiff/flags/" + service, flags);
  tree.add("/etc/skiff/ready", "");
  return tree;
}

Result<KeyPair> issue_admin(const Authorities& authorities, const KubernetesSettings& settings) {
  return issue(authorities.cluster,
               with_lifetime({.common_name = "kubernetes-admin", .organizations = {"system:masters"}, .client = true},
                             settings));
}

}  // namespace skiff::kube
