// SPDX-License-Identifier: Apache-2.0
// inotify instances: what kubelet, containerd and kube-proxy watch files with. Containers share the host's, for each
// user: all nodes together use those of root.
#pragma once

#include <string>

#include "base/context.h"
#include "drivers/driver.h"

namespace skiff::cluster {

struct InotifyRoom {
  long long limit = 0;  // fs.inotify.max_user_instances; 0 = this host does not say
  int free = -1;        // of root's; -1 = only root can find out
};
// Looks for `wanted` free instances at most. Takes and returns them within a millisecond.
InotifyRoom inotify_room(int wanted);

// What a cluster of so many nodes needs, whether that is there, and the command that makes it so. Pure.
int inotify_instances_for(int nodes);
std::string inotify_advice(int nodes);
bool is_enough(const InotifyRoom& room, int nodes);

// Warns, with the command that helps, when the nodes that are about to start may find too few: kubelets then end at
// once, again and again. Says nothing of nodes with a kernel of their own, or on another host.
void warn_of_inotify(const Context& ctx, const drivers::DriverTraits& traits, int starting_nodes);

}  // namespace skiff::cluster
