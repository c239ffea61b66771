// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "sys/file_error.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/unique_fd.h"
#include "sys/user_file.h"

namespace skiff::net {
namespace {

namespace fs = std::filesystem;

// The file itself, symlinks followed, also to where nothing is yet; a path that cannot be followed stays as it is.
std::string real_path(const std::string& path) {
  auto followed = sys::follow_links(path);
  const std::string file = followed.ok() ? *std::move(followed) : path;
  std::error_code ignored;
  const auto real = fs::weakly_canonical(file, ignored);
  return real.empty() ? file : real.string();
}

// Every edit of skiff holds a lock on the folder, the one thing here that a rename does not replace.
Result<sys::UniqueFd> lock_folder(const Context& ctx, const std::string& path) {
  constexpr Duration longest = std::chrono::seconds(5);
  constexpr Duration between_tries = std::chrono::milliseconds(10);
  sys::UniqueFd folder(::open(sys::folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return sys::file_error(errno, "open the folder of", path);
  const Context limited = ctx.within(longest);
  // flock cannot be waited for together with a stop token and a deadline, so it is tried again.
  while (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return sys::file_error(errno, "lock the folder of", path);
    TRY(with_trail(limited.pause(between_tries), "while another program edits " + path));
  }
  return folder;
}

}  // namespace

Result<std::vector<HostsConflict>> update_hosts_file(const Context& ctx, const std::string& path,
                                                     std::string_view block, const std::vector<HostsEntry>& entries) {
  const std::string file = real_path(path);
  const sys::UniqueFd lock = TRY(lock_folder(ctx, file));
  const auto kind = TRY(sys::file_kind(file));
  if (kind != sys::FileKind::regular && kind != sys::FileKind::absent) {  // not even read: a pipe would never end
    return make_error(ErrorId::host_error, "Cannot write " + path + ": it is not a regular file");
  }
  const std::string old_text = TRY(sys::read_file_if_there(file)).value_or("");
  auto edit = set_hosts_block(old_text, block, entries);
  if (edit.text == old_text) return std::move(edit.conflicts);
  constexpr int readable_by_all = 0644;
  TRY(sys::write_user_file(file, edit.text, readable_by_all));
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
  const auto kind = sys::file_kind(path);
  if (!kind.ok() || *kind != sys::FileKind::regular) return false;
  const auto text = sys::read_file(path);
  return text.ok() && remove_hosts_block(*text, block) != *text;
}

bool may_write_hosts_file(const std::string& path) {
  const std::string file = real_path(path);
  return ::access(file.c_str(), W_OK) == 0 ||
         (::access(file.c_str(), F_OK) != 0 && ::access(sys::folder_of(file).c_str(), W_OK) == 0);
}

}  // namespace skiff::net
