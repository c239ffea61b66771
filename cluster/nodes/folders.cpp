// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/folders.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/await.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cluster {
namespace {

namespace fs = std::filesystem;

constexpr int absent = 4;  // exit code of skiff-mount: nothing is mounted there

Error of_command(const drivers::NodeId& node, const std::string& words) {
  Error error = make_error(ErrorId::node_command_failed, "The node " + node.name + " could not change its mounts");
  error.trail.emplace_back(trim(words));
  return error;
}

struct Listed {
  FolderMount folder;
  bool held = false;
};

// A node whose image is from before there were mounts has none.
Result<std::vector<Listed>> listed_in(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node) {
  const auto said = TRY(drivers::capture(ctx, driver, node, {"skiff-mount", "list"}));
  std::vector<Listed> found;
  if (said.exit_code == 126 || said.exit_code == 127) return found;
  const auto parsed = parse_json(said.out);
  if (said.exit_code != 0 || !parsed.ok()) return of_command(node, said.out + said.err);
  for (const auto& entry : array_at(*parsed, "")) {
    found.push_back({{text_at(entry, "source"), text_at(entry, "target")}, int_at(entry, "holder") != 0});
  }
  return found;
}

// One command per node that keeps the mount until its input ends.
class Holders {
 public:
  explicit Holders(FolderMount folder) : folder_(std::move(folder)) {}

  Result<void> run(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                   const std::function<void()>& mounted) {
    std::vector<std::function<Result<void>(const Context&)>> tasks;
    for (const auto& node : nodes) {
      tasks.emplace_back([&](const Context& c) { return hold(c, driver, node); });
    }
    tasks.emplace_back([&](const Context& c) -> Result<void> {
      std::unique_lock lock(mutex_);
      TRY(await(c, changed_, lock, [&] { return held_ >= nodes.size() || ended_; }));
      const bool all = held_ >= nodes.size();
      lock.unlock();
      if (all) mounted();
      return {};
    });
    return parallel(ctx, tasks);
  }

 private:
  Result<void> hold(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node) {
    std::string words;
    drivers::ExecRequest request;
    request.argv = {"skiff-mount", "hold", folder_.to};
    request.in = [this](const Context& c) -> Result<std::string> {
      std::unique_lock lock(mutex_);
      TRY(await(c, changed_, lock, [&] { return ended_; }));
      return std::string();
    };
    request.out = [&](std::string_view piece) {
      const std::lock_guard lock(mutex_);
      held_ += static_cast<std::size_t>(std::ranges::count(piece, '\n'));
      changed_.notify_all();
    };
    request.err = [&](std::string_view piece) { words += piece; };
    const int code = TRY(driver.exec(ctx, node, request));
    {
      const std::lock_guard lock(mutex_);  // one has ended: all are to
      ended_ = true;
      changed_.notify_all();
    }
    if (code == 0 || code == absent) return {};
    if (code > 128) {
      return make_error(ErrorId::cluster_not_running, "The node " + node.name + " has stopped, and the mount with it");
    }
    return of_command(node, words);
  }

  FolderMount folder_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::size_t held_ = 0;
  bool ended_ = false;
};

Context fresh(const Context& ctx) { return {{}, Deadline::in(std::chrono::seconds(30)), ctx.events}; }

}  // namespace

std::string_view to_string(MountedFolder::Life life) {
  switch (life) {
    case MountedFolder::Life::profile:
      return "profile";
    case MountedFolder::Life::command:
      return "command";
    case MountedFolder::Life::detached:
      break;
  }
  return "detached";
}

Result<FolderMount> on_this_host(const FolderMount& folder) {
  std::error_code error;
  const fs::path path = fs::canonical(folder.from, error);
  const bool is_folder = !error && fs::is_directory(path, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    return make_error(ErrorId::usage, "There is no folder " + folder.from + " on this host",
                      "Make it first ('mkdir -p'), or name another one");
  }
  if (error) {
    return make_error(error == std::errc::permission_denied ? ErrorId::permission : ErrorId::host_error,
                      "Cannot look at " + folder.from + ": " + error.message());
  }
  if (!is_folder) {
    return make_error(ErrorId::usage, folder.from + " is a file; only folders are mounted",
                      "Mount the folder in which it lies, or copy it with 'skiff cp'");
  }
  return FolderMount{path.string(), folder.to};
}

Result<std::vector<FolderMount>> check_folders(const std::vector<FolderMount>& folders,
                                               const drivers::DriverTraits& traits) {
  if (folders.empty()) return folders;
  if (!traits.binds_folders) {
    return make_error(ErrorId::unsupported,
                      traits.own_kernel ? "Virtual machines cannot be given folders of this host"
                                        : "The nodes' engine is not on this host, so it has none of its folders",
                      "Leave --mount-string out (--mount=false, where the profile has it), and copy files with "
                      "'skiff cp'");
  }
  std::vector<FolderMount> checked;
  for (const auto& folder : folders) {
    auto found = on_this_host(folder);
    if (!found.ok() && found.error().id == ErrorId::usage) {
      found.error().advice += "; 'skiff start --mount=false' starts the cluster without the profile's folders";
    }
    checked.push_back(TRY(std::move(found)));
  }
  return checked;
}

Result<std::vector<MountedFolder>> mounted_folders(const Context& ctx, const Cluster& cluster) {
  const auto nodes = running_ids(TRY(cluster.nodes(ctx)));
  const auto lists = TRY(parallel_map(
      ctx, nodes, [&](const Context& c, const drivers::NodeId& node) { return listed_in(c, *cluster.driver, node); }));
  std::map<std::pair<std::string, std::string>, MountedFolder> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const auto& [folder, held] : lists[i]) {
      auto& mounted = found[{folder.to, folder.from}];
      mounted.folder = folder;
      mounted.nodes.push_back(nodes[i].name);
      using Life = MountedFolder::Life;
      const auto& own = cluster.spec.mounts;
      if (held) mounted.life = Life::command;
      if (std::ranges::find(own, folder) != own.end()) mounted.life = Life::profile;
    }
  }
  std::vector<MountedFolder> all;
  for (auto& [key, mounted] : found) all.push_back(std::move(mounted));
  return all;
}

Result<void> unmount_in(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                        const std::vector<FolderMount>& folders) {
  if (folders.empty()) return {};
  std::vector<std::string> command = {"skiff-mount", "remove"};
  for (const auto& folder : folders) command.push_back(folder.to);
  return parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& node) -> Result<void> {
    const auto said = TRY(drivers::capture(c, driver, node, command));
    if (said.exit_code != 0) return of_command(node, said.out + said.err);
    return {};
  });
}

Result<void> mount_folder(const Context& ctx, const Home& home, const std::string& profile, const FolderMount& folder) {
  const auto lock = TRY(home.store.lock(ctx, profile));
  const auto cluster = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, cluster));
  return cluster.driver->bind_folders(ctx, nodes, {folder});
}

Result<void> hold_folder(const Context& ctx, const Home& home, const std::string& profile, const FolderMount& folder,
                         const std::function<void()>& mounted) {
  const auto cluster = TRY(open_profile(home, profile));
  std::vector<drivers::NodeId> nodes;
  {
    const auto lock = TRY(home.store.lock(ctx, profile));
    nodes = TRY(running_nodes(ctx, cluster));
    for (const auto& other : TRY(mounted_folders(ctx, cluster))) {
      if (other.folder != folder) continue;
      return make_error(ErrorId::usage, folder.from + " is mounted at " + folder.to + " already",
                        "See 'skiff mount list'; 'skiff mount --kill' unmounts what no profile has");
    }
    TRY(cluster.driver->bind_folders(ctx, nodes, {folder}));
  }
  Holders holders(folder);
  // Of so many nodes not all can be spoken to at once; the rest loses the mount below.
  std::vector<drivers::NodeId> first(
      nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), most_threads - 1)));
  auto held = holders.run(ctx, *cluster.driver, first, mounted);
  const Context end = fresh(ctx);
  const auto running = running_ids(cluster.nodes(end).value_or({}));  // also nodes that came meanwhile
  if (const auto unmounted = unmount_in(end, *cluster.driver, running, {folder}); !unmounted.ok() && held.ok()) {
    return unmounted;
  }
  if (!held.ok() && held.error().id == ErrorId::interrupted) return {};
  return held;
}

Result<std::vector<FolderMount>> unmount_folders(const Context& ctx, const Home& home, const std::string& profile) {
  const auto cluster = TRY(open_profile(home, profile));
  std::vector<FolderMount> folders;
  for (const auto& mounted : TRY(mounted_folders(ctx, cluster))) {
    if (mounted.life != MountedFolder::Life::profile) folders.push_back(mounted.folder);
  }
  TRY(unmount_in(ctx, *cluster.driver, running_ids(TRY(cluster.nodes(ctx))), folders));
  return folders;
}

}  // namespace skiff::cluster
