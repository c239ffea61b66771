// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/temporary.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

// The process in "image-123-0a1b2c"; 0 in a name of another form, as an older skiff has left it.
pid_t process_in(const std::string& name) {
  const auto parts = split(name, '-');
  pid_t process = 0;
  if (parts.size() == 3) std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), process);
  return process;
}

bool is_left_over(const std::string& path, const std::string& name) {
  if (const pid_t process = process_in(name); process > 0) return ::kill(process, 0) != 0 && errno == ESRCH;
  constexpr std::time_t a_day = std::time_t{24} * 60 * 60;
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && about.st_mtime + a_day < std::time(nullptr);
}

}  // namespace

Result<std::string> temporary_path(std::string_view kind) {
  const std::string folder = sys::skiff_home() + "/tmp";
  TRY(sys::make_folders(folder));
  for (const auto& name : sys::list_folder(folder)) {
    const std::string path = std::string(folder).append("/").append(name);
    if (!is_left_over(path, name)) continue;
    if (const auto removed = sys::remove_tree(path); !removed.ok()) sys::log::warn(removed.error().what);
  }
  return folder + "/" + std::string(kind) + "-" + std::to_string(::getpid()) + "-" + sys::random_hex(6);
}

}  // namespace skiff::cluster
