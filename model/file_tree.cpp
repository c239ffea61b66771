// SPDX-License-Identifier: Apache-2.0
#include "model/file_tree.h"

#include <set>

#include "model/tar.h"

namespace skiff {

void FileTree::add(std::string path, std::string content, int mode) {
  files.push_back({std::move(path), std::move(content), mode});
}

std::string to_tar(const FileTree& tree) {
  std::string out;
  std::set<std::string> folders;
  for (const auto& file : tree.files) {
    const std::string name = file.path.substr(file.path.find_first_not_of('/'));
    for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      const std::string folder = name.substr(0, slash + 1);
      if (folders.insert(folder).second) out += tar_header({.path = folder, .kind = TarKind::folder, .mode = 0755});
    }
    out += tar_header({.path = name, .kind = TarKind::file, .mode = file.mode, .size = file.content.size()});
    out += file.content;
    out += tar_padding(file.content.size());
  }
  return out + tar_end();
}

}  // namespace skiff
