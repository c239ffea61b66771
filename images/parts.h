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

// Builds into a temporary folder that becomes part_folder() at the end. Blocks for up to minutes and reports a step of
// the part's name. The caller holds the build lock. Errors as explain_failure().
Result<void> build_part(const Context& ctx, const Tools& tools, const Part& part);

// A folder for work in progress, on the file system of the finished ones and gone when this object is.
class WorkFolder {
 public:
  static Result<WorkFolder> make(std::string_view name);
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();

  const std::string& path() const { return path_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Gives a complete folder its final name: from then on it counts as built.
Result<void> publish(const std::string& folder, const std::string& final_name);

// One build runs at a time on a host: waits for another one.
Result<sys::Lock> lock_builds(const Context& ctx);

// Removes what builders that were killed have left. The caller holds the build lock.
void remove_abandoned_work();

}  // namespace skiff::images
