// SPDX-License-Identifier: Apache-2.0
// Images of an addon in the nodes that need them.
#pragma once

#include <string>
#include <vector>

#include "addons/render.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Loads the images that skiff builds into the nodes whose pods may use them, unless they have them already in the form
// that this skiff builds; builds what is not in the cache first, which takes minutes. Images without a recipe are the
// nodes' own business. Errors: those of images::build_image(), node_command_failed.
Result<void> provide_images(const Context& ctx, const Cluster& cluster, const addons::Rendered& rendered);

// Builds the images that provide_images() will load into nodes, as far as they are not in the cache; takes minutes.
Result<void> build_images(const Context& ctx, const ClusterSpec& spec, const addons::Rendered& rendered);

// The nodes on which a pod with this image may run: those that its workloads are pinned to by host name, else all.
// Pure.
std::vector<std::string> nodes_with_image(const ClusterSpec& spec, const std::vector<Json>& objects,
                                          const std::string& image);

}  // namespace skiff::cluster
