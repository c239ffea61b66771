// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <utility>

#include "base/strings.h"
#include "kube/kubeconfig.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/unique_fd.h"
#include "sys/user_file.h"

namespace skiff::kube {
namespace {

// The lock that kubectl, kind and all that use client-go take: a file made with O_EXCL beside the kubeconfig (beside
// the link, when it is one) and removed afterwards. Where nobody can make it (a bind-mounted file in somebody else's
// folder), there is nobody to keep out either. Ours says that it is ours and is held by flock(2) too, which ends with
// the process: so a lock that a killed skiff has left is told from one that is in use, and from kubectl's.
class KubectlLock {
 public:
  static Result<KubectlLock> take(const Context& ctx, const std::string& kubeconfig) {
    constexpr Duration longest = std::chrono::seconds(3);
    constexpr Duration between_tries = std::chrono::milliseconds(10);
    const std::string path = kubeconfig + ".lock";
    const Context limited = ctx.within(longest);
    for (;;) {
      sys::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (fd) {
        ::flock(fd.get(), LOCK_EX | LOCK_NB);
        // Without its text it is a lock all the same, but one that a kill would leave for good.
        [[maybe_unused]] const auto written = ::write(fd.get(), ours.data(), ours.size());
        return KubectlLock(path, std::move(fd));
      }
      if (errno != EEXIST) return KubectlLock("", {});
      if (remove_if_left(path)) continue;
      // Its owner offers nothing to wait for.
      if (auto waited = limited.pause(between_tries); !waited.ok()) {
        if (waited.error().id == ErrorId::interrupted) return std::move(waited).error();
        return make_error(ErrorId::kubeconfig_busy, "The kubeconfig is locked by " + path);
      }
    }
  }
  KubectlLock(KubectlLock&& other) noexcept : path_(std::exchange(other.path_, "")), fd_(std::move(other.fd_)) {}
  KubectlLock& operator=(KubectlLock&&) = delete;
  ~KubectlLock() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

 private:
  static constexpr std::string_view ours = "skiff\n";

  KubectlLock(std::string path, sys::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  // A lock of a skiff that was killed. True when it is gone.
  static bool remove_if_left(const std::string& path) {
    const sys::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) return false;
    std::array<char, ours.size() + 1> text{};
    struct stat held{};
    struct stat there{};
    const bool left = ::read(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(ours.size()) &&
                      std::string_view(text.data(), ours.size()) == ours && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 &&
                      ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &there) == 0 &&
                      held.st_ino == there.st_ino &&
                      held.st_dev == there.st_dev;  // else another one has taken its place meanwhile
    return left && ::unlink(path.c_str()) == 0;
  }

  std::string path_;
  sys::UniqueFd fd_;
};

// In kubectl's order, the first is asked first.
std::vector<std::string> user_files() {
  std::vector<std::string> files;
  for (auto& path : split(sys::env("KUBECONFIG").value_or(""), ':')) {
    if (!path.empty() && std::ranges::find(files, path) == files.end()) files.push_back(std::move(path));
  }
  if (files.empty()) files.push_back(sys::home_folder() + "/.kube/config");
  return files;
}

// The text of a file; nothing of an absent one and of a null device. A pipe or another device is not even opened.
Result<std::string> read(const std::string& path) {
  const auto kind = TRY(sys::file_kind(path));
  if (kind == sys::FileKind::absent || kind == sys::FileKind::null_device) return std::string();
  if (kind == sys::FileKind::other) {
    return make_error(ErrorId::kubeconfig_invalid, path + ": it is not a regular file");
  }
  return TRY(sys::read_file_if_there(path)).value_or("");
}

using TextEdit = std::function<Result<std::string>(const std::string& text)>;

// Makes the folder when it is missing.
Result<void> edit_file(const Context& ctx, const std::string& path, const TextEdit& edit) {
  if (TRY(sys::file_kind(path)) == sys::FileKind::null_device) return {};
  if (const auto end = path.rfind('/'); end != std::string::npos && end > 0) {
    TRY(sys::make_folders(path.substr(0, end)));
  }
  const KubectlLock lock = TRY(KubectlLock::take(ctx, path));
  const std::string text = TRY(read(path));
  const std::string edited = TRY(edit(text));
  if (edited == text) return {};
  return sys::write_user_file(path, edited);
}

// The file for entries that are in none yet.
std::string default_file(const std::vector<std::string>& files) {
  const auto there = std::ranges::find_if(files, [](const auto& path) { return sys::exists(path); });
  return there == files.end() ? files.back() : *there;
}

struct Search {
  std::string target;        // where the entries are or are to be
  std::string default_path;  // where current-context is written
  bool has_current = false;
};

Result<Search> search(const std::string& name, const std::string& ca_pem, bool must_be_ours) {
  const auto files = user_files();
  Search found{{}, default_file(files), false};
  for (const auto& path : files) {
    const auto contents = TRY(contents_of(TRY(read(path)), path, name, ca_pem));
    if (must_be_ours && !contents.conflict.empty()) return kubeconfig_conflict(path, contents.conflict);
    if (contents.known && found.target.empty()) found.target = path;
    found.has_current = found.has_current || !contents.current.empty();
  }
  if (found.target.empty()) found.target = found.default_path;
  return found;
}

struct FileEdit {
  std::string path;
  TextEdit edit;
};

// What puts our entries in: into the file that has them, and current-context into the one that it is written to. They
// refer to `found` and `access`.
std::vector<FileEdit> edits_for(const Search& found, const Access& access, Current wanted) {
  const bool here = found.target == found.default_path;
  std::vector<FileEdit> edits{
      {found.target, [&found, &access, current = here ? wanted : Current::keep](const auto& text) {
         return with_entry(text, found.target, access, current);
       }}};
  if (!here && wanted != Current::keep) {
    edits.push_back({found.default_path, [&found, &access](const auto& text) {
                       return with_current(text, found.default_path, access.name);
                     }});
  }
  return edits;
}

}  // namespace

std::string user_server_of(const Access& access) {
  return access.user_server.empty() ? access.server : access.user_server;
}

std::string user_kubeconfig_path(const std::string& name) {
  const auto found = search(name, "", false);
  return found.ok() ? found->target : default_file(user_files());
}

Result<void> add_to_user_kubeconfig(const Context& ctx, const Access& access, bool keep_current) {
  const Search found = TRY(search(access.name, access.ca_pem, true));
  const Current wanted = !keep_current ? Current::set : found.has_current ? Current::keep : Current::set_if_none;
  Access shown = access;
  shown.server = user_server_of(access);
  for (const auto& [path, edit] : edits_for(found, shown, wanted)) TRY(edit_file(ctx, path, edit));
  return {};
}

Result<void> remove_from_user_kubeconfig(const Context& ctx, const std::string& name, const std::string& ca_pem) {
  for (const auto& path : user_files()) {
    if (!sys::exists(path)) continue;
    TRY(edit_file(ctx, path, [&](const std::string& text) { return without_entry(text, path, name, ca_pem); }));
  }
  return {};
}

Result<void> unset_in_user_kubeconfig(const Context& ctx, const std::string& name, const std::string& ca_pem) {
  for (const auto& path : user_files()) {
    if (!sys::exists(path)) continue;
    TRY(edit_file(ctx, path, [&](const std::string& text) { return without_current(text, path, name, ca_pem); }));
  }
  return {};
}

Result<KubeconfigState> user_kubeconfig_state(const std::string& name, const std::string& server) {
  const std::string path = TRY(search(name, "", false)).target;
  return state_of(TRY(read(path)), path, name, server);
}

Result<std::string> user_current_context() {
  for (const auto& path : user_files()) {
    auto current = TRY(contents_of(TRY(read(path)), path, {}, {})).current;
    if (!current.empty()) return current;
  }
  return std::string();
}

Result<void> check_user_kubeconfig(const std::string& name, const std::string& ca_pem) {
  const Search found = TRY(search(name, ca_pem, true));
  // Whether the texts can be edited depends on neither address nor key.
  const Access trial{name, "https://127.0.0.1", ca_pem, {}};
  for (const auto& [path, edit] : edits_for(found, trial, Current::set)) {
    TRY(sys::check_user_file(path));
    TRY(edit(TRY(read(path))));
  }
  return {};
}

}  // namespace skiff::kube
