// SPDX-License-Identifier: Apache-2.0
// Pods leave a node, and may come back to it.
#pragma once

#include <string>

#include "base/context.h"
#include "kube/client.h"

namespace skiff::cluster {

// Whether pods are kept off the node already, by somebody else. A node that the API does not know is open.
Result<bool> is_closed(const Context& ctx, kube::Client& client, const std::string& node);

// Lets pods be scheduled to the node, or keeps them off it. A node that the API does not know = success.
Result<void> set_schedulable(const Context& ctx, kube::Client& client, const std::string& node, bool schedulable);

// Keeps pods off a node until it is Ready again, for as long as skiff makes it anew; one that somebody else has closed
// stays as it is. A mark on the node says so, so that one that was left in the middle is found: reopen() opens what
// has it.
Result<void> close_for_now(const Context& ctx, kube::Client& client, const std::string& node);
bool is_closed_for_now(const Json& node);
Result<void> reopen(const Context& ctx, kube::Client& client, const std::string& node);

// Keeps new pods off the node and evicts those that it has, as far as budgets for disruptions let them go, but for
// those of DaemonSets. Blocks until they have left; kube_timeout when some have not in time. The node stays closed,
// also then.
Result<void> drain(const Context& ctx, kube::Client& client, const std::string& node);

}  // namespace skiff::cluster
