// SPDX-License-Identifier: Apache-2.0
// What Kubernetes and OCI call the processors of nodes: those of this build.
#pragma once

#include <string_view>

namespace skiff {

#if defined(__x86_64__)
inline constexpr std::string_view node_architecture = "amd64";
#elif defined(__aarch64__)
inline constexpr std::string_view node_architecture = "arm64";
#else
#error "skiff has no node image for these processors"
#endif

}  // namespace skiff
