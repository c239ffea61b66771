// SPDX-License-Identifier: Apache-2.0
// A stop that comes later: a process of its own holds it, which outlives the terminal and the command that made it.
#pragma once

#include <optional>
#include <string>

#include "cluster/lifecycle.h"

namespace skiff::cluster {

// Has the cluster stopped after `delay`, and forgets what was scheduled before. Blocks until that is certain. Errors:
// profile_not_found, host_error.
Result<void> schedule_stop(const Context& ctx, const Home& home, const std::string& profile, Duration delay,
                           const StopOptions& options);

// Whether something was scheduled, which is then given up. With the profile's lock held, as start, stop and delete
// have it: no scheduled stop can be under way.
Result<bool> forget_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile);
// The same for who has no lock: waits for it.
Result<bool> cancel_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile);

// How long the cluster has until then; nothing when no stop is scheduled.
std::optional<Duration> time_to_scheduled_stop(const Home& home, const std::string& profile);

// The process that holds the schedule; nothing when no stop is scheduled.
std::optional<int> scheduled_stop_process(const Home& home, const std::string& profile);

// The process itself (`skiff __scheduled-stop`): its starter waits for the end of its standard input. Blocks until the
// cluster is stopped.
Result<void> run_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile, Duration delay,
                                const StopOptions& options);

}  // namespace skiff::cluster
