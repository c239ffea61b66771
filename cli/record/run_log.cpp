// SPDX-License-Identifier: Apache-2.0
#include "cli/record/run_log.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <functional>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

constexpr std::string_view ending = ".log";

// The process in "start-lab-123.log", where all before it is `stem` ("start-lab-"); 0 when the name is another's.
pid_t process_in(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(ending)) return 0;
  name.remove_prefix(stem.size());
  name.remove_suffix(ending.size());
  pid_t process = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), process);
  return error == std::errc() && end == name.data() + name.size() && process > 0 ? process : 0;
}

std::string stem_of(std::string_view command, const std::string& profile) {
  return replace_all(command, " ", "-") + "-" + (profile.empty() ? "" : profile + "-");
}

std::string newest_of(const std::string& folder, const std::function<bool(const std::string& name)>& is_meant) {
  namespace fs = std::filesystem;
  std::string newest;
  fs::file_time_type newest_time = fs::file_time_type::min();
  for (const auto& name : sys::list_folder(folder)) {
    if (!name.ends_with(ending) || !is_meant(name)) continue;
    std::error_code error;
    const auto time = fs::last_write_time(folder + "/" + name, error);
    if (error || time <= newest_time) continue;
    newest = folder + "/" + name;
    newest_time = time;
  }
  return newest;
}

bool lives(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

}  // namespace

std::string new_log(const std::string& folder, std::string_view command, const std::string& profile) {
  const std::string stem = stem_of(command, profile);
  const pid_t own = ::getpid();
  for (const auto& name : sys::list_folder(folder)) {
    const pid_t process = process_in(name, stem);
    if (process == own || (process > 0 && !lives(process))) ::unlink((folder + "/" + name).c_str());
  }
  return folder + "/" + stem + std::to_string(own) + std::string(ending);
}

std::string last_log(const std::string& folder, std::string_view command, const std::string& profile) {
  const std::string stem = stem_of(command, profile);
  return newest_of(folder, [&](const std::string& name) { return process_in(name, stem) > 0; });
}

std::string newest_log(const std::string& folder) {
  return newest_of(folder, [](const std::string&) { return true; });
}

}  // namespace skiff::cli
