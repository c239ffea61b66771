// SPDX-License-Identifier: Apache-2.0
// A file that lies in memory alone, for parsers that read by a path.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "sys/unique_fd.h"
#include "targets.h"

namespace skiff::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_.get(), bytes.data(), bytes.size());
      must_hold(count > 0, "a file in memory can be written");
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  sys::UniqueFd fd_;
};

}  // namespace skiff::fuzz
