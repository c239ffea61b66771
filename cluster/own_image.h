// The node image that this skiff builds itself, in the form that a driver's nodes need.
#pragma once

#include <string>

#include "base/context.h"
#include "drivers/driver.h"

namespace skiff::cluster {

std::string own_image_reference(const drivers::DriverTraits& traits);

// unsupported when the nodes' processors are not those that this skiff and its image are for.
Result<void> check_architecture(const drivers::DriverTraits& traits);

// In either form.
bool is_own_image(const std::string& reference);

struct OwnImage {
  drivers::NodeImage image;  // for Driver::ensure_image
  bool was_cached = false;
};
// Built, or found in the cache. Blocks for minutes when it is built; errors: those of images::build_node_image()
// and of check_architecture().
Result<OwnImage> build_own_image(const Context& ctx, const drivers::DriverTraits& traits);

}  // namespace skiff::cluster
