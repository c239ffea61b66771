// SPDX-License-Identifier: Apache-2.0
// The kubectl that came with the node image, with credentials of the profile's own: KUBECONFIG and its contexts do not
// matter, nor does a proxy.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "model/versions.h"

namespace skiff::cli {

// Its path for a version of Kubernetes; the one on PATH where that is not built here.
std::string kubectl_for(std::string_view kubernetes = versions::kubernetes);

struct OwnKubectl {
  std::string program;
  std::map<std::string, std::string> env;  // beside this process's
};
// For the cluster's own version. Writes a kubeconfig into the profile's folder; asks the provider where the API is.
Result<OwnKubectl> own_kubectl(const Session& session, const cluster::Cluster& opened);

// `kubectl apply` of files, folders (with a kustomization or without) and URLs, one after the other. Blocks. kube_error
// with kubectl's words, and the rest is left; tool_not_found where there is no kubectl.
Result<void> apply_manifests(const Session& session, const cluster::Cluster& opened,
                             const std::vector<std::string>& manifests);

}  // namespace skiff::cli
