// SPDX-License-Identifier: Apache-2.0
// What this release of skiff is made of. The node image's recipe (images/node/) pins the same versions; a lint test
// compares them.
#pragma once

#include <string_view>

namespace skiff::versions {

inline constexpr std::string_view skiff = SKIFF_VERSION;  // from CMakeLists.txt
inline constexpr std::string_view kubernetes = "v1.37.2";
inline constexpr std::string_view containerd = "v2.4.2";
inline constexpr std::string_view coredns = "v1.15.0";
inline constexpr std::string_view etcd = "v3.7.3";
inline constexpr std::string_view runc = "v1.5.3";
inline constexpr std::string_view crictl = "v1.37.0";
inline constexpr std::string_view minikube = "v1.39.0";  // whose words skiff speaks when it is called so

}  // namespace skiff::versions
