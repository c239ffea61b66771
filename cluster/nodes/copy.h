// SPDX-License-Identifier: Apache-2.0
// Files between this host and the nodes.
#pragma once

#include <string>
#include <string_view>

#include "cluster/store/home.h"

namespace skiff::cluster {

// "w1:/tmp/a" is in a node, all else on this host ("./a:b" too: there the colon comes after a slash).
struct Place {
  std::string node;  // empty = this host
  std::string path;
};
Place parse_place(std::string_view text);

// Copies one file, its content and whether it may be executed. When neither place names a node, it goes from this host
// to the control plane, at an absolute path. A destination that is a folder gets the file's name, and folders on the
// way are made in a node; an existing file is replaced, on this host at once and only when all of it has come. Errors:
// usage, node_not_found, cluster_not_running, node_command_failed with the node's words, host_error.
Result<void> copy_file(const Context& ctx, const Cluster& cluster, const Place& from, const Place& target);

}  // namespace skiff::cluster
