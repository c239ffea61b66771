// SPDX-License-Identifier: Apache-2.0
// Builds the node image on this host from Go modules and Debian packages, and keeps every expensive part by the hash of
// what it is made from: an unchanged part is never built twice, whatever else changes.
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"
#include "model/versions.h"

namespace skiff::images {

// Each of these is about the image for one version of Kubernetes. There is none for a version that is not one of
// kubernetes_versions() (recipe.h): its reference is empty, and building it fails with image_not_found.
//
// "skiff-node:v1.37.2-<first 12 of the recipe's hash>": known without building anything.
std::string node_image_reference(std::string_view kubernetes = versions::kubernetes);

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
CachedImage cached_node_image(std::string_view kubernetes = versions::kubernetes);

// Blocks for minutes when parts are missing. Checks Go, mmdebstrap, disk space and the network before any work
// (tool_not_found, disk_full, network). A failed step is image_build_failed with the log's path and last lines.
// Stopping it (ctx.stop) leaves only finished parts behind.
Result<BuiltImage> build_node_image(const Context& ctx, std::string_view kubernetes = versions::kubernetes);

}  // namespace skiff::images
