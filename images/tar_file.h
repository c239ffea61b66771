// SPDX-License-Identifier: Apache-2.0
// Writes a tar archive to a file, entry by entry, as large as the disk allows.
#pragma once

#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::images {

// A failed write shows at close(); without it the archive is incomplete.
class TarFile {
 public:
  explicit TarFile(std::string path);

  // Paths are absolute, and each may come once: Docker refuses an archive in which a path comes twice. Parent folders
  // get their entries (0755) by themselves, so no path may pass through a link.
  void add_file(std::string_view path, std::string_view content, int mode);
  Result<void> copy_file(std::string_view path, const std::string& source, int mode);
  void add_link(std::string_view path, std::string_view target);
  // All entries of another archive (ustar, GNU or pax).
  Result<void> append_archive(const std::string& source);
  Result<void> close();

 private:
  std::string enter(std::string_view path);  // writes the parent folders, returns the path as tar has it
  Result<void> pour(const std::string& source, std::size_t size);

  std::string path_;
  std::ofstream out_;
  std::set<std::string> folders_;
};

}  // namespace skiff::images
