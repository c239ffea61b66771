// SPDX-License-Identifier: Apache-2.0
// Small changes to a dependency's sources: a module pinned by go.mod is copied, edited, and compiled in its place.
// The edits are data, a file of the recipe's own module (docs/adr/0022-traefik-with-small-changes.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"

namespace skiff::images {

struct SourceEdit {
  std::string file;  // below the module's folder
  std::string from;  // replaced at each place ...
  std::string to;
  int times = 1;  // ... of which there are exactly so many
};

struct ModuleChanges {
  std::string module;  // "k8s.io/kubernetes"
  std::vector<SourceEdit> edits;
};

// config_invalid, naming `path`, when something is missing.
Result<ModuleChanges> parse_changes(std::string_view yaml, const std::string& path);

// image_build_failed when the text is not there as often as the edit says: another release wants to be looked at.
Result<std::string> edited(const SourceEdit& edit, std::string_view text);

// Downloads the module that the go.mod in `source` asks for, writes an edited copy below `folder`, and beside it a
// go.mod and go.sum that are those of `source` but name the copy. `folder` is a sibling of `source`. Blocks.
Result<void> change_module(const Context& ctx, const std::string& go, const ModuleChanges& changes,
                           const std::string& source, const std::string& folder);

}  // namespace skiff::images
