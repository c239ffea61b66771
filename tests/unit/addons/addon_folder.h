// SPDX-License-Identifier: Apache-2.0
// An addon in a few lines, for tests.
#pragma once

#include <string>

#include "addons/addon.h"

namespace skiff::addons {

inline constexpr auto small_description =
    "summary: A small addon\n"
    "maintainer: somebody\n";

inline constexpr auto small_manifest =
    "apiVersion: v1\n"
    "kind: ConfigMap\n"
    "metadata:\n"
    "  name: small\n"
    "  namespace: default\n";

inline Folder folder_of(std::string description, std::string manifest = small_manifest) {
  return {"small",
          "/there/small",
          false,
          {{"addon.yaml", std::move(description)}, {"manifests/a.yaml", std::move(manifest)}}};
}

inline Addon addon_of(std::string description, std::string manifest = small_manifest) {
  return parse_addon(folder_of(std::move(description), std::move(manifest))).value();
}

}  // namespace skiff::addons
