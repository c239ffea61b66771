// SPDX-License-Identifier: Apache-2.0
#include "sys/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sys/file_error.h"
#include "sys/hash.h"
#include "sys/unique_fd.h"

namespace skiff::sys {
namespace {

namespace fs = std::filesystem;

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) return file_error(errno, "write", path);
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return file_error(errno, "write", path);
  return {};
}

// Whether the file is still at its path: who held a lock on it may have removed it.
bool is_named(int fd, const std::string& path) {
  struct stat ours{};
  struct stat there{};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
         ours.st_ino == there.st_ino;
}

}  // namespace

Result<std::optional<std::string>> read_file_if_there(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return file_error(errno, "read", path);
  }
  std::string content;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size == 0) return std::optional(std::move(content));
    if (size < 0 && errno != EINTR) return file_error(errno, "read", path);
    if (size > 0) content.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

Result<std::string> read_file(const std::string& path) {
  auto content = TRY(read_file_if_there(path));
  if (!content) return file_error(ENOENT, "read", path);
  return *std::move(content);
}

Result<Pieces> pieces_of(const std::string& path) {
  const auto fd = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!*fd) return file_error(errno, "read", path);
  return Pieces([fd, path]() -> Result<std::string> {
    std::string piece(1 << 20, '\0');
    ssize_t size = -1;
    do {
      size = ::read(fd->get(), piece.data(), piece.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) return file_error(errno, "read", path);
    piece.resize(static_cast<std::size_t>(size));
    return piece;
  });
}

Result<void> write_atomic(const std::string& path, std::string_view content, int mode) {
  std::error_code ignored;
  const fs::path resolved = fs::canonical(path, ignored);  // empty for a file that does not exist yet
  const std::string target = resolved.empty() ? path : resolved.string();
  const std::string beside = target + ".new-" + random_hex(4);

  struct stat old{};
  const bool replaces = ::stat(target.c_str(), &old) == 0;
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (fd.get() < 0) return file_error(errno, "write", target);

  auto written = write_all(fd.get(), content, target);
  if (written.ok() && replaces) {
    const bool same =
        (old.st_uid == ::geteuid() && old.st_gid == ::getegid()) || ::fchown(fd.get(), old.st_uid, old.st_gid) == 0;
    if (!same || ::fchmod(fd.get(), old.st_mode & 07777) != 0) written = file_error(errno, "keep the owner of", target);
  }
  if (written.ok() && ::rename(beside.c_str(), target.c_str()) != 0) written = file_error(errno, "replace", target);
  if (!written.ok()) ::unlink(beside.c_str());
  return written;
}

Result<void> make_folders(const std::string& path, int mode) {
  std::string so_far;
  for (const auto& part : fs::path(path)) {
    so_far = (fs::path(so_far) / part).string();
    if (::mkdir(so_far.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) {
      const int why = errno;
      std::error_code ignored;
      if ((why == EACCES || why == EROFS) && fs::is_directory(so_far, ignored)) continue;
      return file_error(why, "make the folder", so_far);
    }
  }
  return {};
}

Result<void> remove_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return file_error(error.value(), "remove", path);
  return {};
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<std::string> list_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;  // one that comes amid the list ends it
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<long long> free_bytes(const std::string& path) {
  std::error_code error;
  fs::path at = fs::absolute(path, error);
  while (!fs::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  const auto space = fs::space(at, error);
  if (error) return file_error(error.value(), "look at the file system of", at.string());
  return static_cast<long long>(space.available);
}

Result<Lock> Lock::acquire(const Context& ctx, const std::string& path, const std::function<void()>& on_wait) {
  TRY(make_folders(fs::path(path).parent_path().string()));
  bool told = false;
  for (;;) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return file_error(errno, "lock", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      if (is_named(fd.get(), path)) return Lock(std::move(fd));
      continue;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) return file_error(errno, "lock", path);
    if (!std::exchange(told, true) && on_wait) on_wait();
    // flock cannot be waited for together with a stop token and a deadline, so it is tried again.
    TRY(ctx.pause(std::chrono::milliseconds(50), ErrorId::profile_busy));
  }
}

}  // namespace skiff::sys
