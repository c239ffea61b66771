// SPDX-License-Identifier: Apache-2.0
// The first half of start: image, network, running nodes. Each adds to `undo` what it made itself.
#pragma once

#include <vector>

#include "cluster/start/start.h"
#include "cluster/undo.h"
#include "kube/node/outside.h"

namespace skiff::cluster {

// The spec's node image in the driver; built on this host first when it is this skiff's own and nobody has built it
// yet.
Result<void> ensure_image(const Context& ctx, const Cluster& cluster, const drivers::DriverTraits& traits);

// The network, and with it the addresses of the nodes, saved. `first`: the cluster is new, so an undo takes away all
// that there is of it.
Result<PlacedSpec> provide_network(const Context& ctx, const Cluster& cluster, const ProfileStore& store, bool first,
                                   Undo& undo);

// What every node is given beside what the spec says of it.
struct Supplies {
  drivers::DriverTraits traits;
  drivers::HostFacts facts;
  kube::Authorities authorities;
  std::vector<TreeFile> user_files;
  kube::Outside outside;
};

// What this host's user gives all nodes, as it is read at each start: files, authorities, logins for registries.
// Errors: those of home_files() and read_logins().
struct FromUser {
  std::vector<TreeFile> files;
  kube::Outside outside;
};
Result<FromUser> from_user(const Context& ctx, const Home& home, const ClusterSpec& spec);

// Once the node image is there: facts are asked from it.
Result<Supplies> supplies_of(const Context& ctx, const Home& home, const Cluster& cluster,
                             const drivers::DriverTraits& traits, FromUser given);

// All that the node is given. Pure but for keys.
Result<FileTree> tree_of(const PlacedSpec& spec, const NodeSpec& node, const Supplies& supplies);

// Creates or starts every node of the plan in parallel. A node that is made again around storage from before is no
// undo's to remove.
Result<void> provide_nodes(const Context& ctx, const PlacedSpec& spec, const std::shared_ptr<drivers::Driver>& driver,
                           const std::vector<PlannedNode>& plan, const Supplies& supplies, Undo& undo);
// Does that, and hands the cluster back with the API that they have.
Result<LiveCluster> provision(const Context& ctx, const Home& home, const PlacedSpec& spec,
                              const std::shared_ptr<drivers::Driver>& driver, const std::vector<PlannedNode>& plan,
                              const Supplies& supplies, Undo& undo);

}  // namespace skiff::cluster
