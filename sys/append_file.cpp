// SPDX-License-Identifier: Apache-2.0
#include "sys/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "sys/file_error.h"
#include "sys/unique_fd.h"

namespace skiff::sys {

Result<long long> append_line(const std::string& path, std::string_view line) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  struct stat before{};
  if (!fd || ::fstat(fd.get(), &before) != 0) return file_error(errno, "write", path);
  char last = '\n';
  if (before.st_size > 0 && ::pread(fd.get(), &last, 1, before.st_size - 1) < 0) return file_error(errno, "read", path);
  const std::string text = (last == '\n' ? "" : "\n") + std::string(line) + "\n";
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written < 0) return file_error(errno, "write", path);
  if (written != static_cast<ssize_t>(text.size())) return file_error(ENOSPC, "write", path);
  return static_cast<long long>(before.st_size) + written;
}

Result<void> move_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_error(errno, "replace", to);
  return {};
}

}  // namespace skiff::sys
