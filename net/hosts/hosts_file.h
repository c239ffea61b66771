// SPDX-License-Identifier: Apache-2.0
// Skiff's block in a real hosts file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "net/hosts/hosts_text.h"

namespace skiff::net {

inline constexpr const char* system_hosts_file = "/etc/hosts";

// set_hosts_block() on the file; gives the conflicts. Nothing is written when nothing changes. One edit at a time on
// this host: waits for another one to end. The file is replaced at once (owner, mode and a symlink are kept) or, where
// that cannot be (a bind mount, a folder that is not ours to write in), rewritten in place. An absent file counts as
// empty. Errors: permission (unreadable, read-only), disk_full, host_error.
Result<std::vector<HostsConflict>> update_hosts_file(const Context& ctx, const std::string& path,
                                                     std::string_view block, const std::vector<HostsEntry>& entries);
inline Result<void> clear_hosts_file(const Context& ctx, const std::string& path, std::string_view block) {
  if (auto cleared = update_hosts_file(ctx, path, block, {}); !cleared.ok()) return std::move(cleared).error();
  return {};
}

// The name of a profile's block: this user's, in this skiff home.
std::string hosts_block_name(std::string_view profile, const std::string& home);

// Whether the block or a part of it is in the file; an unreadable file has none.
bool has_hosts_block(const std::string& path, std::string_view block);

// Whether this user may edit the file.
bool may_write_hosts_file(const std::string& path);

}  // namespace skiff::net
