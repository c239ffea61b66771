// SPDX-License-Identifier: Apache-2.0
// status: what is true right now, asked of the driver and the API. Starts no child process; five seconds at most, and
// what has not answered by then is "Unknown": nothing is said of what was not learnt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// What a cluster without Kubernetes has in place of a version, and in place of the state of its parts.
inline constexpr std::string_view no_kubernetes_version = "none";
inline constexpr std::string_view irrelevant = "Irrelevant";

struct NodeStatus {
  std::string name;
  Role role = Role::worker;
  std::string host;     // "Running", "Stopped", "Saved", "Paused", "Broken", "Nonexistent", "Unknown"
  std::string kubelet;  // "Ready", "NotReady", "Missing" (the API has no such node), "Stopped", "Paused", "Unknown"
  Ipv4 address;
  // Of each of several control planes, else empty: "Running", "Stopped", "Error" (no majority), "Unknown".
  std::string api_server = {};
  std::string etcd = {};
};

struct ClusterStatus {
  std::string profile;
  std::string driver;
  std::string kubernetes_version;
  std::string api_server;  // "Running", "Stopped", "Paused", "Error" (it refuses), "Unknown"
  std::string kubeconfig;  // "Configured", "Misconfigured", "Unknown"
  std::vector<NodeStatus> nodes;
  std::optional<Duration> stops_in = {};  // a stop is scheduled
  std::vector<FolderMount> mounts = {};   // that the profile has
  std::string trouble = {};               // too few control planes run, and what to do

  // minikube's bits: 1 a host is not running, 2 the API is not, 4 the kubeconfig does not lead to a running one. Beside
  // them 8: a node is not Ready, or one of several control planes does not serve; 16: something was late.
  int exit_code() const;
};

Result<ClusterStatus> status(const Context& ctx, const Home& home, const std::string& profile);

// One line per profile for `profile list`; a profile that cannot be read has `problem` set. Clusters of other homes
// that the drivers see come last, with `owner` set.
struct ProfileSummary {
  std::string name;
  std::string driver;
  std::string kubernetes_version;
  // "Running", "Stopped", "Saved", "Paused", "Partial", "Nonexistent", "Unknown"; "Skipped" where nobody was asked
  std::string state;
  int nodes = 0;
  bool current = false;
  std::string problem;
  std::string owner = {};  // whose it is when it is not this home's: "ann (/home/ann/.skiff)", "unknown"
};
// Without `ask` no driver is: the list is what this home has on its disk.
Result<std::vector<ProfileSummary>> list_profiles(const Context& ctx, const Home& home, bool ask = true);

}  // namespace skiff::cluster
