// SPDX-License-Identifier: Apache-2.0
// A set of files to put into a node, and its tar form. Drivers deliver it; nobody else looks inside.
#pragma once

#include <string>
#include <vector>

namespace skiff {

struct TreeFile {
  std::string path;  // absolute
  std::string content;
  int mode = 0644;
};

struct FileTree {
  std::vector<TreeFile> files;
  void add(std::string path, std::string content, int mode = 0644);
};

// POSIX ustar, owned by root, with an entry for each parent folder (0755), time stamps zero: equal trees give equal
// bytes.
std::string to_tar(const FileTree& tree);

}  // namespace skiff
