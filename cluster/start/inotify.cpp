// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "sys/files.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {
namespace {

// Counted in a cluster with few pods, and rounded up: a control plane has 26, a worker 9. A pod that watches files has
// its own.
constexpr int for_a_control_plane = 28;
constexpr int for_a_worker = 10;
constexpr int for_others = 32;  // what root's other programs may have

constexpr long long plenty = 512;  // enough for the nodes of several clusters, without counting

// The kernel counts by user: what root can still have is seen by taking it.
int count_free(int wanted) {
  std::vector<sys::UniqueFd> taken;
  while (static_cast<int>(taken.size()) < wanted) {
    sys::UniqueFd fd(::inotify_init1(IN_CLOEXEC));
    if (!fd) break;
    taken.push_back(std::move(fd));
  }
  return static_cast<int>(taken.size());
}

}  // namespace

InotifyRoom inotify_room(int wanted) {
  const auto text = sys::read_file("/proc/sys/fs/inotify/max_user_instances");
  InotifyRoom room;
  if (text.ok()) room.limit = std::atoll(text->c_str());
  if (::geteuid() == 0 && room.limit < plenty) room.free = count_free(wanted);
  return room;
}

int inotify_instances_for(int nodes) { return for_a_control_plane + (nodes - 1) * for_a_worker; }

bool is_enough(const InotifyRoom& room, int nodes) {
  const long long needed = inotify_instances_for(nodes);
  if (room.limit == 0 || room.limit >= std::max(plenty, 2 * needed)) return true;
  return room.free >= 0 ? room.free >= needed : room.limit >= needed + for_others;
}

std::string inotify_advice(int nodes) {
  const long long limit = std::max<long long>(plenty, 4LL * inotify_instances_for(nodes));
  return "sudo sysctl fs.inotify.max_user_instances=" + std::to_string(limit);
}

void warn_of_inotify(const Context& ctx, const drivers::DriverTraits& traits, int starting_nodes) {
  if (traits.own_kernel || !traits.reachable_from_host || starting_nodes == 0) return;
  const InotifyRoom room = inotify_room(inotify_instances_for(starting_nodes));
  if (is_enough(room, starting_nodes)) return;
  ctx.events->warning("This host allows " + std::to_string(room.limit) + " inotify instances to a user" +
                      (room.free >= 0 ? ", of which " + std::to_string(room.free) + " are free" : "") + "; " +
                      std::to_string(starting_nodes) + " nodes may need " +
                      std::to_string(inotify_instances_for(starting_nodes)) +
                      ", and a kubelet that gets none does not run. Raise it: " + inotify_advice(starting_nodes));
}

}  // namespace skiff::cluster
