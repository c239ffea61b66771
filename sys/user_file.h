// SPDX-License-Identifier: Apache-2.0
// Files that belong to the user, not to skiff (a kubeconfig, a hosts file): whoever made them decided about owner,
// mode, links and place, and all of that stays. Errors: disk_full, permission, host_error, each with the path.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::sys {

// The folder that a file of this path is in; "." for a mere name.
std::string folder_of(const std::string& path);

// Where a chain of symlinks ends, also when nothing is there yet; the path itself when it is no link. host_error for a
// chain without end.
Result<std::string> follow_links(const std::string& path);

// What is at the end of the links. A null device (/dev/null, or another node of it) takes all and keeps nothing.
enum class FileKind { absent, regular, null_device, other };
Result<FileKind> file_kind(const std::string& path);

// Replaces the file at once (temporary file and rename, so that readers see the old bytes or the new ones) or, where
// that would lose its owner, group, access list or a second name, or where the folder does not allow it (a bind mount,
// somebody else's folder), rewrites it in place; room is reserved first and the old text put back on failure. A file
// that does not exist is made with `mode`, its folder with it. host_error for anything that is no regular file:
// devices, pipes, sockets and folders are never replaced or truncated.
Result<void> write_user_file(const std::string& path, std::string_view content, int mode = 0600);

// Whether write_user_file() could do it, by trying to open what it would open; nothing is changed or left.
Result<void> check_user_file(const std::string& path);

}  // namespace skiff::sys
