// SPDX-License-Identifier: Apache-2.0
// Services of a node that end again and again: a wrong flag, or a host that refuses what they need. The supervisor
// starts them anew each second, so nothing but a limit of time would end the wait for them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cluster/cluster.h"

namespace skiff::cluster {

struct Crash {
  std::string node;
  std::string service;  // "kube-apiserver"
  std::string words;    // the last line of its log that tells of an error
};
// Those on one node; none where the node cannot be asked.
std::vector<Crash> crashes_on(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node);

// What crashes_on() reads: a line "=<service>" and the words, for each.
std::vector<Crash> parse_crashes(const std::string& node, std::string_view text);

// Does the work, and gives up as soon as a service crashes on any node: node_failed, with its words and what to do.
Result<void> unless_services_crash(const Context& ctx, const Cluster& cluster,
                                   const std::function<Result<void>(const Context&)>& work);

// An error of a start that has failed, with the words of what crashes on its nodes.
Error with_crashes(const Context& ctx, const Cluster& cluster, Error error);

}  // namespace skiff::cluster
