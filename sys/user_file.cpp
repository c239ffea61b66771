// SPDX-License-Identifier: Apache-2.0
#include "sys/user_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "sys/file_error.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/unique_fd.h"

namespace skiff::sys {
namespace {

namespace fs = std::filesystem;

Error no_file(const std::string& path) {
  return make_error(ErrorId::host_error, "Cannot write " + path + ": it is not a regular file");
}

Result<void> write_at_start(int fd, std::string_view content, const std::string& path) {
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t count = ::pwrite(fd, content.data() + at, content.size() - at, static_cast<off_t>(at));
    if (count < 0 && errno != EINTR) return file_error(errno, "write", path);
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  if (::ftruncate(fd, static_cast<off_t>(content.size())) != 0 || ::fsync(fd) != 0)
    return file_error(errno, "write", path);
  return {};
}

// O_NONBLOCK: whoever puts a pipe in the place of the file meanwhile does not make us wait for its reader.
constexpr int open_for_writing = O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;

Result<void> rewrite_in_place(const std::string& path, std::string_view content) {
  const std::string old = TRY(read_file(path));
  const UniqueFd fd(::open(path.c_str(), open_for_writing));
  if (fd.get() < 0) return file_error(errno, "write", path);
  struct stat now{};
  if (::fstat(fd.get(), &now) != 0 || !S_ISREG(now.st_mode)) return no_file(path);
  if (content.size() > old.size()) {
    const int code =
        ::posix_fallocate(fd.get(), static_cast<off_t>(old.size()), static_cast<off_t>(content.size() - old.size()));
    if (code == ENOSPC || code == EDQUOT) {
      [[maybe_unused]] const int cut = ::ftruncate(fd.get(), static_cast<off_t>(old.size()));
      return file_error(code, "write", path);
    }
  }
  auto written = write_at_start(fd.get(), content, path);
  if (written.ok() || write_at_start(fd.get(), old, path).ok()) return written;
  return with_trail(std::move(written), "the old text could not be put back");
}

// Access lists and whatever else people hang on a file. SELinux gives a new file its label by itself.
bool has_attributes(const std::string& path) {
  std::array<char, 4096> names{};
  const ssize_t size = ::listxattr(path.c_str(), names.data(), names.size());
  if (size < 0) return errno == ERANGE;
  for (const char* name = names.data(); name < names.data() + size; name += std::strlen(name) + 1) {
    if (std::strcmp(name, "security.selinux") != 0) return true;
  }
  return false;
}

// False when the file that is there cannot be replaced without a loss, or not at all: nothing has happened then.
Result<bool> replace(const std::string& path, const std::optional<struct stat>& old, std::string_view content,
                     int mode) {
  const std::string beside = path + ".new-" + random_hex(4);
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (fd.get() < 0) {
    if (old) return false;
    return file_error(errno, "write", path);
  }
  const auto attempt = [&]() -> Result<bool> {
    if (old) {
      struct stat made{};
      if (::fstat(fd.get(), &made) != 0) return file_error(errno, "write", path);
      const bool same_owner = made.st_uid == old->st_uid && made.st_gid == old->st_gid;
      if (!same_owner && ::fchown(fd.get(), old->st_uid, old->st_gid) != 0) return false;
      if (::fchmod(fd.get(), old->st_mode & 07777) != 0) return false;
    }
    TRY(write_at_start(fd.get(), content, path));
    if (::rename(beside.c_str(), path.c_str()) == 0) return true;
    if (old) return false;  // a mount point: EBUSY
    return file_error(errno, "replace", path);
  };
  auto replaced = attempt();
  if (!replaced.ok() || !*replaced) ::unlink(beside.c_str());
  return replaced;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

Result<std::string> follow_links(const std::string& path) {
  constexpr int longest = 40;  // as the kernel's own limit
  std::string at = path;
  for (int links = 0; links < longest; ++links) {
    struct stat status{};
    if (::lstat(at.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return at;
      return file_error(errno, "look at", at);
    }
    if (!S_ISLNK(status.st_mode)) return at;
    std::error_code error;
    const fs::path target = fs::read_symlink(at, error);
    if (error) return file_error(error.value(), "read the link", at);
    at = (fs::path(folder_of(at)) / target).string();  // an absolute target replaces the folder
  }
  return file_error(ELOOP, "follow the link", path);
}

Result<FileKind> file_kind(const std::string& path) {
  const std::string file = TRY(follow_links(path));
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileKind::absent;
    return file_error(errno, "look at", file);
  }
  if (S_ISREG(status.st_mode)) return FileKind::regular;
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3) ? FileKind::null_device : FileKind::other;
}

Result<void> write_user_file(const std::string& path, std::string_view content, int mode) {
  const std::string file = TRY(follow_links(path));
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno != ENOENT) return file_error(errno, "look at", file);
    TRY(make_folders(folder_of(file)));
    TRY(replace(file, std::nullopt, content, mode));
    return {};
  }
  if (!S_ISREG(status.st_mode)) return no_file(file);
  // A file that may not be written stays as it is, even where its folder would let it be replaced.
  if (::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0) return file_error(errno, "write", file);
  const bool replaceable = status.st_nlink == 1 && !has_attributes(file);
  if (replaceable && TRY(replace(file, status, content, mode))) return {};
  return rewrite_in_place(file, content);
}

Result<void> check_user_file(const std::string& path) {
  const std::string file = TRY(follow_links(path));
  const FileKind kind = TRY(file_kind(file));
  if (kind == FileKind::null_device) return {};
  if (kind == FileKind::other) return no_file(file);
  if (kind == FileKind::regular) {
    const UniqueFd fd(::open(file.c_str(), open_for_writing));
    if (fd.get() < 0) return file_error(errno, "write", file);
    return {};
  }
  std::string folder = folder_of(file);
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder != "/" && folder != ".") folder = folder_of(folder);
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return file_error(errno, "make a file in", folder);
  return {};
}

}  // namespace skiff::sys
