// SPDX-License-Identifier: Apache-2.0
// stop, pause, unpause and delete. All are idempotent.
#pragma once

#include <string>

#include "cluster/store/home.h"

namespace skiff::cluster {

struct StopOptions {
  // Puts the nodes' memory on disk, so that the next start is a matter of seconds: unsupported by drivers without
  // machines.
  bool keep_memory = false;
  bool keep_context = false;  // leave the user's current-context alone
};
// unsupported when the profile's driver cannot do what they ask for.
Result<void> check_stop(const Context& ctx, const Cluster& cluster, const StopOptions& options);
// Stops every node, etcd closed cleanly, and unsets the user's current-context if it is this profile's. A stop that was
// scheduled for later is forgotten.
Result<void> stop(const Context& ctx, const Home& home, const std::string& profile, const StopOptions& options = {});

// The nodes alone; with `keep_memory` as in StopOptions.
Result<void> stop_nodes(const Context& ctx, const Cluster& cluster, bool keep_memory = false);

// Freezes every node, and lets them go on. cluster_not_running when a node does not run.
Result<void> pause(const Context& ctx, const Home& home, const std::string& profile);
Result<void> unpause(const Context& ctx, const Home& home, const std::string& profile);

// Removes nodes, network, volumes, kubeconfig entries and the profile's folder, also of a half-made cluster or one
// whose profile.yaml is unreadable. profile_not_found when there is nothing of that name; name_conflict when it is all
// another home's.
Result<void> remove(const Context& ctx, const Home& home, const std::string& profile);

}  // namespace skiff::cluster
