// SPDX-License-Identifier: Apache-2.0
// What kubelets and controllers would make of the objects of a cluster: at once, and as little as skiff relies on.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "tests/fakes/object_store.h"

namespace skiff::fakes {

struct FakeKubelet {
  std::string node;
  bool running = false;
  int boots = 0;                // another number each time that its machine was started, or let go on
  std::time_t clock_ahead = 0;  // of this host's, in seconds
  bool operator==(const FakeKubelet&) const = default;
};

// The namespaces that an API server makes for itself.
void make_namespaces(ObjectStore& store);

// Until nothing is left to do: a kubelet that has booted registers its Node, is Ready and renews its lease; the default
// ServiceAccounts come; DaemonSets and Deployments get pods on nodes that may have them, and their status; pods leave
// with their Node; services have the addresses of their pods that are ready.
void settle(ObjectStore& store, const std::vector<FakeKubelet>& kubelets);

}  // namespace skiff::fakes
