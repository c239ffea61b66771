// SPDX-License-Identifier: Apache-2.0
// What addons need to know about Kubernetes objects. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace skiff::addons {

// The pod template of a workload; null for other objects.
Json* pod_template(Json& object);
const Json* pod_template(const Json& object);

// The images of the containers of a pod or a workload.
std::vector<std::string> container_images(const Json& object);

// Objects of a lower rank are applied before those of a higher one: namespaces, custom resource definitions, accounts
// and rights, configuration, services, workloads, all else.
int rank_of(const Json& object);

// "Deployment ingress-nginx/controller", for people and as a key.
std::string identity(const Json& object);

}  // namespace skiff::addons
