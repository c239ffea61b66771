// SPDX-License-Identifier: Apache-2.0
// A file of this host that is being written.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::cluster {

// Beside its destination, so that it can take its place; removed when it has not.
class HalfFile {
 public:
  explicit HalfFile(std::string destination);
  HalfFile(const HalfFile&) = delete;
  HalfFile& operator=(const HalfFile&) = delete;
  ~HalfFile();
  const std::string& path() const { return path_; }
  Result<void> take_place(bool executable) const;  // host_error

 private:
  std::string destination_;
  std::string path_;
};

}  // namespace skiff::cluster
