// SPDX-License-Identifier: Apache-2.0
// What the services of a node have written.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

struct LogOptions {
  std::string node = {};     // empty = control plane
  std::string service = {};  // "kubelet", ...; empty = all
  int lines = 60;            // last lines of each
  bool follow = false;       // then what they write from now on, until the context ends
  bool problems = false;     // only lines that is_problem() takes for one
};

// Hands the text on piece by piece, "==> kubelet <==" before each of several services. With `follow` it returns only
// with an error: interrupted, or cluster_not_running when the node has ended.
Result<void> logs(const Context& ctx, const Home& home, const std::string& profile, const LogOptions& options,
                  const std::function<void(std::string_view)>& out);

// Does a line of a service's log tell of something that keeps a cluster from working? By patterns known of Kubernetes,
// containerd and etcd: what components write amid a healthy start is none, though they call it an error.
bool is_problem(std::string_view service, std::string_view line);

}  // namespace skiff::cluster
