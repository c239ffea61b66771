// SPDX-License-Identifier: Apache-2.0
// Files that a Go module carries besides its code.
#pragma once

#include <string>

#include "base/context.h"

namespace skiff::images {

struct ModuleFiles {
  std::string module;   // "sigs.k8s.io/gateway-api"
  std::string version;  // "v1.6.1"
  std::string sum;      // of the module's content, as go.sum has it: "h1:..."
  std::string folder;   // in the module
};

// A module that Go has in its cache, and the sum of its content as go.sum has it.
struct Downloaded {
  std::string folder;
  std::string sum;
};
// `name`: "module@version", or a module alone in the version that the go.mod of `folder` asks for, whose go.sum then
// vouches for it. Blocks. Errors as explain_failure().
Result<Downloaded> download_module(const Context& ctx, const std::string& go, const std::string& name,
                                   const std::string& folder);

// The folder of the cache that holds the files. Blocks while the module is downloaded, the first time only; a second
// skiff that builds meanwhile is waited for. Errors: tool_not_found without Go, network, and image_build_failed when
// the module has another sum or no such folder.
Result<std::string> module_files(const Context& ctx, const ModuleFiles& wanted);

}  // namespace skiff::images
