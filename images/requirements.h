// SPDX-License-Identifier: Apache-2.0
// What must be there before a build begins, so that it does not fail after ten minutes of work.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/context.h"
#include "images/recipe.h"

namespace skiff::images {

struct Tools {
  std::string go;  // paths; empty when no part needs them
  std::string mmdebstrap;
};

// tool_not_found or disk_full, with the command that helps. Looks only at what the given parts need; `cache` is the
// folder that receives them, and `extra_mib` the room needed there besides.
Result<Tools> check_requirements(const Context& ctx, std::span<const Part> parts, const std::string& cache,
                                 int extra_mib);

// Go's path; tool_not_found when there is none that is new enough.
Result<std::string> find_go(const Context& ctx);

// "go1.26.8" is at least 1.26. Pure.
bool is_new_enough(std::string_view go_version);

// The Error for a command that built or downloaded something and failed: network when its output says so, else
// image_build_failed, with the log's path if it has one. Pure.
Error explain_failure(const std::string& what, std::string_view output, const std::string& log_path);

}  // namespace skiff::images
