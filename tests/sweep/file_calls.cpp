// SPDX-License-Identifier: Apache-2.0
#include "file_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>

namespace skiff::sweep {
namespace {

std::string watched_folder;
FileGate file_gate;

// "profile.yaml.new-1f2e3d4c" is the file to come.
std::string without_random(std::string path) {
  const auto at = path.rfind(".new-");
  return at == std::string::npos ? path : path.substr(0, at) + ".new";
}

std::string folder_of(int descriptor) {
  char path[PATH_MAX] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path - 1);
  return size < 0 ? std::string() : std::string(path, static_cast<std::size_t>(size)) + "/";
}

bool fails(const char* call, int descriptor, const char* path) {
  if (!file_gate) return false;
  const std::string full = *path == '/' || descriptor == AT_FDCWD ? path : folder_of(descriptor) + path;
  if (!full.starts_with(watched_folder + "/")) return false;
  if (!file_gate(std::string(call) + " " + without_random(full.substr(watched_folder.size() + 1)))) return false;
  errno = ENOSPC;
  return true;
}

int done(long result) { return static_cast<int>(result); }

}  // namespace

void watch_files(const std::string& folder, FileGate gate) {
  watched_folder = folder;
  file_gate = std::move(gate);
}

extern "C" {

int rename(const char* from, const char* to) noexcept {
  if (fails("rename", AT_FDCWD, to)) return -1;
  return done(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (fails("mkdir", AT_FDCWD, path)) return -1;
  return done(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int unlink(const char* path) noexcept {
  if (fails("unlink", AT_FDCWD, path)) return -1;
  return done(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int rmdir(const char* path) noexcept {
  if (fails("rmdir", AT_FDCWD, path)) return -1;
  return done(::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}

int unlinkat(int descriptor, const char* path, int flags) noexcept {
  if (fails("unlink", descriptor, path)) return -1;
  return done(::syscall(SYS_unlinkat, descriptor, path, flags));
}

}  // extern "C"

}  // namespace skiff::sweep
