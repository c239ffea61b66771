// SPDX-License-Identifier: Apache-2.0
// The node image that this skiff builds itself, in the form that a driver's nodes need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "cluster/store/home.h"
#include "drivers/driver.h"
#include "model/versions.h"

namespace skiff::cluster {

// The image for a version of Kubernetes; empty when there is no recipe for it.
std::string own_image_reference(const drivers::DriverTraits& traits,
                                std::string_view kubernetes = versions::kubernetes);

// unsupported when the nodes' processors are not those that this skiff and its image are for.
Result<void> check_architecture(const drivers::DriverTraits& traits);

// In either form, for any version, made from the recipes of this very skiff.
bool is_own_image(const std::string& reference);
// Made by some skiff from its recipe, for the version of Kubernetes that is answered; else nothing.
std::optional<std::string> version_of_image(std::string_view reference);

struct OwnImage {
  drivers::NodeImage image;  // for Driver::ensure_image
  bool was_cached = false;
};
// Built, or found in the cache. Blocks for minutes when it is built; errors: those of images::build_node_image()
// and of check_architecture().
Result<OwnImage> build_own_image(const Context& ctx, const drivers::DriverTraits& traits,
                                 std::string_view kubernetes = versions::kubernetes);

struct PrunedNodeImages {
  std::vector<std::string> images;   // in the provider, by reference
  std::vector<std::string> folders;  // of the cache
};
// Removes the node images that this skiff does not make, no profile of this home has and no node is made from, and what
// of the cache belongs to no recipe of this skiff. With `dry_run` it only tells. Blocks for seconds.
Result<PrunedNodeImages> prune_node_images(const Context& ctx, const Home& home, drivers::Driver& driver, bool dry_run);

}  // namespace skiff::cluster
