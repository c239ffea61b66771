// Parts of images, each kept in the cache below parts/<name>-<content hash>/ once it is complete.
#pragma once

#include <string>
#include <vector>

#include "images/requirements.h"

namespace skiff::images {

// The folder in which a part is, or will be, kept. Go: its programs; Debian: rootfs.tar.
std::string part_folder(const Part& part);
bool is_built(const Part& part);

// Builds into a temporary folder that becomes part_folder() at the end. Blocks for up to minutes and reports a step of
// the part's name. The caller holds the build lock. Errors as explain_failure().
Result<void> build_part(const Context& ctx, const Tools& tools, const Part& part);

// A fresh folder beside the finished ones, for work in progress, and the removal of all that died with their builders.
Result<std::string> make_work_folder(std::string_view name);
Result<void> remove_work_folders();

}  // namespace skiff::images
