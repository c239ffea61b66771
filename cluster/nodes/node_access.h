// Into the nodes: which one, and what its services have written.
#pragma once

#include <string>
#include <vector>

#include "cluster/home.h"

namespace skiff::cluster {

// The node of that name ("w1" and "lab-w1" are both right; empty = the control plane). node_not_found with the nearest
// name; cluster_not_running when it does not run.
Result<drivers::NodeId> find_node(const Context& ctx, const Opened& profile, const std::string& name);

// The nodes that run: all of the profile's, or none. cluster_not_running when only some of them do.
Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Opened& profile);

struct LogOptions {
  std::string node;     // empty = control plane
  std::string service;  // "kubelet", ...; empty = all
  int lines = 60;       // last lines of each
};
Result<std::string> logs(const Context& ctx, const Home& home, const std::string& profile, const LogOptions& options);

}  // namespace skiff::cluster
