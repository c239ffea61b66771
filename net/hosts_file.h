// Skiff's block in a real hosts file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "net/hosts_text.h"

namespace skiff::net {

inline constexpr const char* system_hosts_file = "/etc/hosts";

// set_hosts_block() on the file; gives the conflicts. Nothing is written when nothing changes. One edit at a time on
// this host: waits for another one to end. The file is replaced at once (owner, mode and a symlink are kept) or, where
// that cannot be (a bind mount, a folder that is not ours to write in), rewritten in place. An absent file counts as
// empty. Errors: permission (unreadable, read-only), disk_full, host_error.
Result<std::vector<HostsConflict>> update_hosts_file(const Context& ctx, const std::string& path,
                                                     std::string_view profile, const std::vector<HostsEntry>& entries);
inline Result<void> clear_hosts_file(const Context& ctx, const std::string& path, std::string_view profile) {
  if (auto cleared = update_hosts_file(ctx, path, profile, {}); !cleared.ok()) return std::move(cleared).error();
  return {};
}

// Whether the profile has a block or a part of one in the file; an unreadable file has none.
bool has_hosts_block(const std::string& path, std::string_view profile);

// Whether this user may edit the file.
bool may_write_hosts_file(const std::string& path);

}  // namespace skiff::net
