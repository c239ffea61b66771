// SPDX-License-Identifier: Apache-2.0
// An image of the user's Docker, passed on to nodes.
#pragma once

#include "cluster/images/image_source.h"

namespace skiff::cluster {

// Of a Docker that keeps layers, those that nodes lack, and nothing is asked of it when they have all; of any other,
// which keeps blobs as registries have them, its archive is read. Errors: those of Docker, disk_full, image_invalid.
Result<Layout> pass_docker(const Context& ctx, const ImageSource& source, Feed& feed,
                           const std::optional<std::string>& name);

}  // namespace skiff::cluster
