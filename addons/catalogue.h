// SPDX-License-Identifier: Apache-2.0
// The addons there are: those embedded in the binary and the user's own. An own addon takes the place of an embedded
// one of the same name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "addons/addon.h"

namespace skiff::addons {

struct EmbeddedFile {
  std::string_view path;  // relative to addons/: "ingress/addon.yaml"
  std::string_view content;
  bool executable;
};
std::span<const EmbeddedFile> embedded_files();

// A folder that cannot be read as an addon keeps its error, so that it spoils nothing else.
struct Entry {
  std::string name;
  Result<Addon> addon;
};
using Catalogue = std::vector<Entry>;  // ordered by name

std::vector<Folder> embedded_folders();
// Every folder below `root` that holds an addon.yaml; none when there is no such folder.
Result<std::vector<Folder>> read_folders(const std::string& root);

Catalogue make_catalogue(std::vector<Folder> own);
// By name or alias. addon_not_found with the nearest name; unsupported, with what to use instead, for names that only
// minikube has; addon_invalid when it is damaged.
Result<Addon> find_addon(const Catalogue& catalogue, std::string_view name);

// Those that only minikube has, as find_addon() refuses them.
std::vector<std::string_view> names_elsewhere();

}  // namespace skiff::addons
