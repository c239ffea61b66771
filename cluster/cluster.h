// SPDX-License-Identifier: Apache-2.0
// What verbs and their steps work on: a profile's cluster with the driver of its machines and, once it runs, its API.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drivers/driver.h"
#include "kube/client.h"
#include "model/cluster_spec.h"

namespace skiff::cluster {

// Of a profile that exists. Copies share the driver.
struct Cluster {
  ClusterSpec spec;
  std::shared_ptr<drivers::Driver> driver;

  ClusterId id() const { return identity_of(spec); }
  drivers::NodeId node(std::string name) const { return {id(), std::move(name)}; }
  // Those that the driver sees. Blocks.
  Result<std::vector<drivers::ObservedNode>> nodes(const Context& ctx) const { return driver->nodes(ctx, id()); }
};

// One whose API is spoken to. Threads may share it.
struct LiveCluster : Cluster {
  LiveCluster(Cluster cluster, kube::Access its_access)
      : Cluster(std::move(cluster)), access(std::move(its_access)), client(access) {}
  PlacedSpec placed() const { return {spec, spec.node_subnet}; }  // what has an API has a network

  kube::Access access;
  kube::Client client;
};

}  // namespace skiff::cluster
