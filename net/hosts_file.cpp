#include "net/hosts_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/strings.h"
#include "net/os_error.h"
#include "net/unique_fd.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::net {
namespace {

namespace fs = std::filesystem;

// The file itself, symlinks followed; the path as it is while there is no such file.
std::string real_path(const std::string& path) {
  std::error_code ignored;
  const auto real = fs::weakly_canonical(path, ignored);
  return real.empty() ? path : real.string();
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

Error refused(int code, std::string what) {
  const bool may_not = code == EACCES || code == EPERM || code == EROFS;
  return os_error(may_not          ? ErrorId::permission
                  : code == ENOSPC ? ErrorId::disk_full
                                   : ErrorId::host_error,
                  std::move(what), code);
}

// Every edit of skiff holds a lock on the folder, the one thing here that a rename does not replace.
Result<UniqueFd> lock_folder(const Context& ctx, const std::string& path) {
  constexpr Duration longest = std::chrono::seconds(5);
  constexpr Duration between_tries = std::chrono::milliseconds(10);
  UniqueFd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return refused(errno, "Cannot open the folder of " + path);
  const Context limited = ctx.within(longest);
  // flock cannot be waited for together with a stop token and a deadline, so it is tried again.
  while (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return refused(errno, "Cannot lock the folder of " + path);
    TRY(with_trail(limited.pause(between_tries), "while another program edits " + path));
  }
  return folder;
}

// A bind mount (every container has one here) can be written but not replaced: rename() gives EBUSY.
bool is_mount_point(const std::string& path) {
  for (const auto& line : split(sys::read_file("/proc/self/mountinfo").value_or({}), '\n')) {
    const auto fields = split(line, ' ');  // id parent device root mount-point ...
    if (fields.size() > 4 && fields[4] == path) return true;
  }
  return false;
}

Result<void> write_whole(int fd, std::string_view content, const std::string& path) {
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t count = ::pwrite(fd, content.data() + at, content.size() - at, static_cast<off_t>(at));
    if (count < 0 && errno != EINTR) return refused(errno, "Cannot write " + path);
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  if (::ftruncate(fd, static_cast<off_t>(content.size())) != 0 || ::fsync(fd) != 0) {
    return refused(errno, "Cannot write " + path);
  }
  return {};
}

// Room is reserved before the first byte changes, so that a full disk leaves the file as it was; after any other
// failure the old text is put back.
Result<void> rewrite_in_place(const std::string& path, std::string_view old_text, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return refused(errno, "Cannot write " + path);
  if (text.size() > old_text.size()) {
    const int code = ::posix_fallocate(fd.get(), static_cast<off_t>(old_text.size()),
                                       static_cast<off_t>(text.size() - old_text.size()));
    if (code == ENOSPC) {
      [[maybe_unused]] const int cut = ::ftruncate(fd.get(), static_cast<off_t>(old_text.size()));
      return refused(code, "Cannot write " + path);
    }
  }
  auto written = write_whole(fd.get(), text, path);
  if (!written.ok() && !write_whole(fd.get(), old_text, path).ok()) {
    written.error().trail.push_back("the old text could not be put back");
  }
  return written;
}

Result<void> write(const std::string& path, std::string_view old_text, std::string_view text) {
  const bool in_place = is_mount_point(path) || ::access(folder_of(path).c_str(), W_OK) != 0;
  constexpr int readable_by_all = 0644;
  return in_place ? rewrite_in_place(path, old_text, text) : sys::write_atomic(path, text, readable_by_all);
}

}  // namespace

Result<std::vector<HostsConflict>> update_hosts_file(const Context& ctx, const std::string& path,
                                                     std::string_view block, const std::vector<HostsEntry>& entries) {
  const std::string file = real_path(path);
  const UniqueFd lock = TRY(lock_folder(ctx, file));
  const std::string old_text = TRY(sys::read_file_if_there(file)).value_or("");
  auto edit = set_hosts_block(old_text, block, entries);
  if (edit.text == old_text) return std::move(edit.conflicts);
  if (::access(file.c_str(), F_OK) == 0 && ::access(file.c_str(), W_OK) != 0) {
    return refused(errno, "Cannot write " + path);
  }
  TRY(write(file, old_text, edit.text));
  return std::move(edit.conflicts);
}

std::string hosts_block_name(std::string_view profile, const std::string& home) {
  constexpr std::size_t enough = 8;
  std::error_code ignored;
  const std::string real = real_path(fs::absolute(home, ignored).string());
  const std::string hash = sys::sha256_hex(real).substr(0, enough);
  return std::string(profile) + "@" + std::to_string(::geteuid()) + "-" + hash;
}

bool has_hosts_block(const std::string& path, std::string_view block) {
  const auto text = sys::read_file(path);
  return text.ok() && remove_hosts_block(*text, block) != *text;
}

bool may_write_hosts_file(const std::string& path) {
  const std::string file = real_path(path);
  return ::access(file.c_str(), W_OK) == 0 ||
         (::access(file.c_str(), F_OK) != 0 && ::access(folder_of(file).c_str(), W_OK) == 0);
}

}  // namespace skiff::net
