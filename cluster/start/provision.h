// The first half of start: image, network, running nodes. Each adds to `undo` what it made itself.
#pragma once

#include <vector>

#include "cluster/start/start.h"
#include "cluster/undo.h"

namespace skiff::cluster {

// The node image in the driver; built on this host first when it is this skiff's own and nobody has built it yet.
Result<void> ensure_image(const Context& ctx, drivers::Driver& driver, const drivers::DriverTraits& traits,
                          const std::string& reference);

// The spec with its node subnet filled in, saved, and the network there. `first`: the cluster is new, so an undo takes
// away all that there is of it.
Result<ClusterSpec> provide_network(const Context& ctx, drivers::Driver& driver, ClusterSpec spec,
                                    const ProfileStore& store, bool first, Undo& undo);

// Creates or starts every node of the plan in parallel. A node that is made again around storage from before is no
// undo's to remove.
Result<void> provision(const Context& ctx, drivers::Driver& driver, const drivers::DriverTraits& traits,
                       const drivers::HostFacts& facts, const ClusterSpec& spec, const std::vector<PlannedNode>& plan,
                       const kube::Authorities& authorities, const std::vector<TreeFile>& user_files, Undo& undo);

}  // namespace skiff::cluster
