// SPDX-License-Identifier: Apache-2.0
// Files of this host: whole reads, atomic writes, locks. Errors: disk_full, permission, host_error, each with the path.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "sys/unique_fd.h"

namespace skiff::sys {

Result<std::string> read_file(const std::string& path);
// Nothing when the file does not exist.
Result<std::optional<std::string>> read_file_if_there(const std::string& path);

// The next piece of what is read; an empty one ends it.
using Pieces = std::function<Result<std::string>()>;
// The file, a mebibyte at a time.
Result<Pieces> pieces_of(const std::string& path);

// Writes beside the file, syncs, renames over it: readers see the old bytes or the new ones. A symlink is followed; an
// existing file keeps its owner and mode, a new one gets `mode`.
Result<void> write_atomic(const std::string& path, std::string_view content, int mode = 0600);

Result<void> make_folders(const std::string& path, int mode = 0700);
Result<void> remove_tree(const std::string& path);  // absent = success
bool exists(const std::string& path);
std::vector<std::string> list_folder(const std::string& path);  // names, sorted; empty when absent
Result<long long> free_bytes(const std::string& path);  // of the file system that holds `path` or its nearest parent

// An advisory lock on a file (created when missing), held until destruction; the kernel releases it when we die.
class Lock {
 public:
  // Blocks until it is free; `on_wait` is called once if that is not at once. profile_busy at the deadline.
  static Result<Lock> acquire(const Context& ctx, const std::string& path, const std::function<void()>& on_wait);

 private:
  explicit Lock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace skiff::sys
