// SPDX-License-Identifier: Apache-2.0
// The nodes of a status as fields for templates, under the names that minikube's users write them with.
#pragma once

#include <vector>

#include "base/json.h"

namespace skiff::cli {

// From the data of `status`: Name, Host, Kubelet, APIServer, Kubeconfig, Worker, TimeToStop, DockerEnv and PodManEnv of
// each node; what a worker has not is "Irrelevant".
std::vector<JsonObject> status_fields(const Json& status);

}  // namespace skiff::cli
