// Into the nodes: shell, logs, image load.
#pragma once

#include <string>
#include <vector>

#include "cluster/services.h"

namespace skiff::cluster {

// The node of that name ("w1" and "lab-w1" are both right; empty = the control plane). node_not_found with the nearest
// name; cluster_not_running when it does not run.
Result<drivers::NodeId> find_node(const Context& ctx, const Opened& profile, const std::string& name);

// The nodes that run: all of the profile's, or none. cluster_not_running when only some of them do.
Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Opened& profile);

// Copies the user's local image (by its name in Docker) or an archive file (docker save or OCI, by its path) into every
// node in parallel. image_not_found when it is neither.
Result<void> load_image(const Context& ctx, const Services& services, const std::string& profile,
                        const std::string& image_or_file);
// Copies an image archive into one node, with further arguments for `ctr images import`.
Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments = {});
// Names of the images that the cluster's nodes have.
Result<std::vector<std::string>> list_images(const Context& ctx, const Services& services, const std::string& profile);

struct LogOptions {
  std::string node;     // empty = control plane
  std::string service;  // "kubelet", ...; empty = all
  int lines = 60;       // last lines of each
};
Result<std::string> logs(const Context& ctx, const Services& services, const std::string& profile,
                         const LogOptions& options);

}  // namespace skiff::cluster
