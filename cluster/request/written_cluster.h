// SPDX-License-Identifier: Apache-2.0
// The way back: a cluster that is there as the file from which it could be made.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "model/cluster_spec.h"

namespace skiff::cluster {

struct WrittenCluster {
  JsonObject file;                    // as take_cluster_file() takes it; what is as usual is not in it
  std::vector<std::string> left_out;  // what the cluster has and a file cannot say, or must not, for people
};
// Pure. Addresses that the driver chose and this skiff's own node image are left to the next cluster's start.
WrittenCluster written_cluster(const ClusterSpec& spec);

}  // namespace skiff::cluster
