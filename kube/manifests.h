// SPDX-License-Identifier: Apache-2.0
// Manifest templates below kube/manifests/, embedded in the binary.
#pragma once

#include <span>
#include <string_view>

namespace skiff::kube {

struct ManifestFile {
  std::string_view path;  // relative to kube/manifests/
  std::string_view content;
  bool executable;
};
std::span<const ManifestFile> manifest_files();

}  // namespace skiff::kube
