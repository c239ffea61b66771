// SPDX-License-Identifier: Apache-2.0
// Folders of this host that the nodes see: those of the profile, which are there whenever a node runs, and those that
// somebody mounts while the cluster runs. What there is, is asked of the nodes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// `from` absolute and without links. usage or permission when it is no folder that can be looked into.
Result<FolderMount> on_this_host(const FolderMount& folder);
// The same of all, for nodes that their driver lets see folders of this host; unsupported, with the reason, where it
// does not. The advice names what leaves such a folder out.
Result<std::vector<FolderMount>> check_folders(const std::vector<FolderMount>& folders,
                                               const drivers::DriverTraits& traits);

struct MountedFolder {
  FolderMount folder;
  enum class Life { profile, command, detached } life = Life::detached;  // how long it stays
  std::vector<std::string> nodes;                                        // that have it
};
std::string_view to_string(MountedFolder::Life life);
// By target. Only nodes that run have any.
Result<std::vector<MountedFolder>> mounted_folders(const Context& ctx, const Cluster& cluster);

// Mounts it in every node until the nodes stop or it is unmounted. cluster_not_running unless all of them run; usage
// when the target is taken or unsuited.
Result<void> mount_folder(const Context& ctx, const Home& home, const std::string& profile, const FolderMount& folder);
// Mounts it as long as this call lasts: until the context is stopped, somebody unmounts it or a node stops. `mounted`
// is called once it is there. It goes even if this process is killed.
Result<void> hold_folder(const Context& ctx, const Home& home, const std::string& profile, const FolderMount& folder,
                         const std::function<void()>& mounted);
// Takes away what is mounted beside the profile's folders, and tells what that was. None = success.
Result<std::vector<FolderMount>> unmount_folders(const Context& ctx, const Home& home, const std::string& profile);

// Takes these targets away, in these nodes. Absent = success.
Result<void> unmount_in(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                        const std::vector<FolderMount>& folders);

}  // namespace skiff::cluster
