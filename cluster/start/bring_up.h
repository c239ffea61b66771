// SPDX-License-Identifier: Apache-2.0
// The second half of start: from running nodes to a usable cluster.
#pragma once

#include <ctime>
#include <functional>

#include "cluster/start/start.h"

namespace skiff::cluster {

// Writes skiff's objects as early as the API accepts them: Node objects, cluster DNS. node_failed when the control
// plane ends meanwhile.
Result<void> write_objects(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                           std::time_t began);

// write_objects(), then waits (watches, no sleeps) until every node is Ready.
// `began` is a moment before the plan's nodes were started, by their own clock: the Ready of a started node that is
// older is a memory of the last run.
// node_failed when the control plane ends meanwhile; node_timeout and kube_timeout say what is still missing.
Result<void> bring_up(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                      std::time_t began);

// Then: until the default ServiceAccount is there and cluster DNS answers on every node of the plan. kube_timeout
// otherwise.
Result<void> await_account(const Context& ctx, kube::Client& client);
Result<void> await_dns(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan);

// All of it, from nodes that run to a cluster that is usable: bring_up(), the name servers of now, images for new
// nodes from those that `run` (the plan's among them), and await_dns() with `meanwhile` beside it, and each of several
// control planes serving by itself.
Result<void> make_usable(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                         const std::vector<PlannedNode>& run, const drivers::HostFacts& facts,
                         const std::function<Result<void>(const Context&)>& meanwhile = {});

// As far as a cluster gets without a network for pods: the API lives, and the nodes are known to it.
Result<void> make_ready_for_network(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                    const std::vector<PlannedNode>& run, const drivers::HostFacts& facts);

// make_usable(), or make_ready_for_network() where pods have no network yet (has_network()).
Result<void> make_as_usable_as_it_gets(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                       const std::vector<PlannedNode>& run, const drivers::HostFacts& facts);

// How long all of it may take when the user does not say.
Duration usual_wait(const drivers::DriverTraits& traits);

}  // namespace skiff::cluster
