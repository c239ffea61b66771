// Files between this host and the nodes.
#pragma once

#include <string>
#include <string_view>

#include "cluster/home.h"

namespace skiff::cluster {

// "w1:/tmp/a" is in a node, all else on this host ("./a:b" too: there the colon comes after a slash).
struct Place {
  std::string node;  // empty = this host
  std::string path;
};
Place parse_place(std::string_view text);

// Copies one file, its content and whether it may be executed. A destination that is a folder gets the file's name; an
// existing file is replaced, on this host at once and only when all of it has come. Errors: usage, node_not_found,
// cluster_not_running, node_command_failed with the node's words, host_error.
Result<void> copy_file(const Context& ctx, const Opened& profile, const Place& from, const Place& to);

}  // namespace skiff::cluster
