// The recipe of the node image: the files below images/node/, embedded in the binary.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skiff::images {

struct RecipeFile {
  std::string_view path;  // relative to images/node/: "modules/kube/go.mod"
  std::string_view content;
  bool executable;
};
std::span<const RecipeFile> node_recipe();

}  // namespace skiff::images
