// SPDX-License-Identifier: Apache-2.0
// A process that cannot be mistaken for a later one with the same number.
#pragma once

#include <sys/types.h>

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"

namespace skiff::net {

struct ProcessIdentity {
  pid_t pid = 0;
  unsigned long long start = 0;  // clock ticks after boot: field 22 of /proc/<pid>/stat
  auto operator<=>(const ProcessIdentity&) const = default;
};

// Nothing when there is no such process, or when it has ended and only waits for its parent.
std::optional<ProcessIdentity> identity_of(pid_t pid);
ProcessIdentity own_identity();
bool is_alive(const ProcessIdentity& process);

// Blocks until it has ended.
Result<void> wait_for_end(const Context& ctx, const ProcessIdentity& process);
// Blocks until it has ended: by SIGTERM, or by SIGKILL when that has not helped after `patience`.
Result<void> make_end(const Context& ctx, const ProcessIdentity& process, Duration patience);
// Does nothing when it has ended.
void send_signal(const ProcessIdentity& process, int signal);

std::string to_text(const ProcessIdentity& process);  // "1234 567890\n"
std::optional<ProcessIdentity> parse_identity(std::string_view text);

// The start time in the text of a /proc/<pid>/stat; nothing for a zombie, all of whose threads have ended.
std::optional<unsigned long long> start_time(std::string_view stat);

}  // namespace skiff::net
