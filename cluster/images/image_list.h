// SPDX-License-Identifier: Apache-2.0
// What images the nodes have, and which of them nobody needs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

struct ListedImage {
  std::string id;                    // "sha256:..."
  std::vector<std::string> names;    // full; none for one that has lost its name to another
  std::vector<std::string> digests;  // "NAME@sha256:..."
  std::uint64_t bytes = 0;           // as it lies in a node's content store
  std::vector<std::string> nodes;    // those that have it under these names
};
struct ImageList {
  std::vector<std::string> nodes;
  std::vector<ListedImage> images;  // by their names
};
// From what `crictl images -o json` says on each node. Pure.
ImageList merge_images(const std::vector<std::pair<std::string, Json>>& nodes);

// Errors of all here: cluster_not_running, node_command_failed.
Result<ImageList> list_images(const Context& ctx, const Home& home, const std::string& profile);

// What the nodes' runtime tells of an image, each answer once: [{"nodes": [...], "status": {...}, "info": {...}}].
// image_not_found with the nearest name.
Result<JsonArray> inspect_image(const Context& ctx, const Home& home, const std::string& profile,
                                const std::string& name);

// Removes images that have no name from every node; with `all`, those too that no container uses.
struct Pruned {
  std::vector<std::string> images;  // names, or ids of those without
  std::uint64_t bytes = 0;          // of all nodes together
};
Result<Pruned> prune_images(const Context& ctx, const Home& home, const std::string& profile, bool all);
// The ids that go, by what `crictl images` and `crictl ps -a` say on a node. Pure.
std::vector<ListedImage> unused_images(const Json& images, const Json& containers, bool all);

}  // namespace skiff::cluster
