// SPDX-License-Identifier: Apache-2.0
// Parts of images, each kept in the cache below parts/<name>-<content hash>/ once it is complete.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "images/requirements.h"
#include "sys/files.h"

namespace skiff::images {

// The folder in which a part is, or will be, kept. Go: its programs; Debian: rootfs.tar.
std::string part_folder(const Part& part);
bool is_built(const Part& part);

// Builds into a temporary folder that becomes part_folder() at the end, unless another skiff has just done so. Blocks
// for up to minutes and reports a step of the part's name. Errors as explain_failure().
Result<void> build_part(const Context& ctx, const Tools& tools, const Part& part);

// A folder for work in progress, on the file system of the finished ones and gone when this object is. While it lives,
// nobody else on this host has one of that name.
class WorkFolder {
 public:
  // Waits for another skiff that is making the same: ask afterwards whether it is made. Removes what a killed one left.
  static Result<WorkFolder> make(const Context& ctx, const std::string& name);
  WorkFolder(WorkFolder&& other) noexcept : lock_(std::move(other.lock_)), path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();

  const std::string& path() const { return path_; }

 private:
  WorkFolder(sys::Lock lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}
  sys::Lock lock_;
  std::string path_;
};

// Gives a complete folder its final name: from then on it counts as built.
Result<void> publish(const std::string& folder, const std::string& final_name);

}  // namespace skiff::images
