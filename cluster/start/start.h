// SPDX-License-Identifier: Apache-2.0
// start: creates, resumes, repairs and grows a cluster; all four are one path. It returns when the cluster is usable:
// every node Ready, DNS answering on every node, the default ServiceAccount there. On failure only what this run made
// is removed.
#pragma once

#include <string>
#include <vector>

#include "cluster/nodes/plan.h"
#include "cluster/request/resolve.h"
#include "cluster/store/home.h"
#include "model/profile.h"

namespace skiff::cluster {

struct StartReport {
  ClusterSpec spec;
  std::vector<PlannedNode> plan;    // empty when only to download
  std::vector<Difference> changes;  // to a cluster that was there
  std::string api_server;           // empty on a dry run, and when only to download
  bool has_network = true;          // for pods; without one they, DNS and addons wait
};
Result<StartReport> start(const Context& ctx, const Home& home, const StartRequest& request);

}  // namespace skiff::cluster
