// SPDX-License-Identifier: Apache-2.0
#include "sys/env.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace skiff::sys {

std::optional<std::string> env(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : std::to_string(::geteuid());
}

std::string home_folder() {
  if (const auto home = env("HOME")) return *home;
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_dir : "/";
}

std::string docker_folder() { return env("DOCKER_CONFIG").value_or(home_folder() + "/.docker"); }

std::string skiff_home() { return env("SKIFF_HOME").value_or(home_folder() + "/.skiff"); }

std::string cache_folder() { return env("SKIFF_CACHE_DIR").value_or(skiff_home() + "/cache"); }

std::string executable() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

}  // namespace skiff::sys
