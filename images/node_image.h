// Builds the node image on this host from Go modules and Debian packages, and keeps every expensive part by the hash of
// what it is made from: an unchanged part is never built twice, whatever else changes.
#pragma once

#include <string>

#include "base/context.h"

namespace skiff::images {

// "skiff-node:v1.37.2-<first 12 of the recipe's hash>": known without building anything.
std::string node_image_reference();

struct BuiltImage {
  std::string reference;
  std::string rootfs_tar;  // in the cache
  std::string kubectl;     // a kubectl for this host, in the cache
  bool was_cached = false;
};

// What lies in the cache, without building; nothing when incomplete.
struct CachedImage {
  bool complete = false;
  BuiltImage image;
};
CachedImage cached_node_image();

// Blocks for minutes when parts are missing. Checks Go, mmdebstrap, disk space and the network before any work
// (tool_not_found, disk_full, network). A failed step is image_build_failed with the log's path and last lines.
// Stopping it (ctx.stop) leaves only finished parts behind.
Result<BuiltImage> build_node_image(const Context& ctx);

}  // namespace skiff::images
