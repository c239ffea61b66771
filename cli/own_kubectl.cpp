// SPDX-License-Identifier: Apache-2.0
#include "cli/own_kubectl.h"

#include "base/strings.h"
#include "cluster/nodes/node_access.h"
#include "cluster/proxy_in_the_way.h"
#include "images/node_image.h"
#include "kube/kubeconfig.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

// The profile's own, whatever the user's kubeconfig says: a file, so that kubectl's plugins and children see it too.
Result<std::string> own_kubeconfig(const Session& session, const std::string& profile, const kube::Access& access) {
  const std::string path = session.home.store.folder(profile) + "/kubeconfig";
  const std::string old = TRY(sys::read_file_if_there(path)).value_or("");
  const auto renewed = kube::with_entry(old, path, access, kube::Current::set_if_none);  // a chosen namespace stays
  TRY(sys::write_atomic(path, renewed.ok() ? *renewed : kube::to_kubeconfig(access)));
  return path;
}

// No proxy stands between this host and its own nodes. Go reads the upper case first, others the lower.
std::map<std::string, std::string> environment(const std::string& kubeconfig, const std::string& server) {
  std::map<std::string, std::string> env = {{"KUBECONFIG", kubeconfig}};
  const std::string host = cluster::host_of(server);
  for (const std::string name : {"NO_PROXY", "no_proxy"}) {
    const auto old = sys::env(name);
    const std::string other = sys::env(name == "NO_PROXY" ? "no_proxy" : "NO_PROXY").value_or("");
    const std::string list = old.value_or(other);
    env[name] = list.empty() ? host : list + "," + host;
  }
  return env;
}

bool is_kustomization(const std::string& folder) {
  for (const auto* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
    if (sys::exists(folder + "/" + name)) return true;
  }
  return false;
}

}  // namespace

std::string kubectl_for(std::string_view kubernetes) {
  std::string built = images::cached_node_image(kubernetes).image.kubectl;
  return built.empty() ? "kubectl" : built;
}

Result<OwnKubectl> own_kubectl(const Session& session, const cluster::Cluster& opened) {
  const auto access = TRY(cluster::api_access(session.ctx, session.home, opened));
  const std::string kubeconfig = TRY(own_kubeconfig(session, opened.spec.profile, access));
  return OwnKubectl{kubectl_for(opened.spec.kubernetes_version), environment(kubeconfig, access.server)};
}

Result<void> apply_manifests(const Session& session, const cluster::Cluster& opened,
                             const std::vector<std::string>& manifests) {
  if (manifests.empty()) return {};
  const auto kubectl = TRY(own_kubectl(session, opened));
  for (const auto& manifest : manifests) {
    Step step(*session.ctx.events, "manifests", "Applying " + manifest);
    const auto applied = TRY(sys::run(
        session.ctx,
        {.argv = {kubectl.program, "apply", is_kustomization(manifest) ? "-k" : "-f", manifest}, .env = kubectl.env}));
    if (applied.exit_code != 0) {
      Error error = make_error(ErrorId::kube_error, "kubectl could not apply " + manifest,
                               "The cluster runs. Correct the manifest, then run the command again");
      error.trail.emplace_back(trim(applied.err));
      return error;
    }
    step.done();
  }
  return {};
}

}  // namespace skiff::cli
