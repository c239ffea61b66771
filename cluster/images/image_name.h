// SPDX-License-Identifier: Apache-2.0
// Names of container images, as Docker, containerd and Kubernetes read them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::cluster {

// "docker.io/library/app:latest" for "app": the name as containerd keeps it and a pod's short one is read.
// image_invalid when it is no image's name. A name with a digest and no tag is none that could be kept.
Result<std::string> full_image_name(std::string_view name);
// The reverse: "app:latest".
std::string short_image_name(std::string_view full);

}  // namespace skiff::cluster
