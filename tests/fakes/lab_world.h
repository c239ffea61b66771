// SPDX-License-Identifier: Apache-2.0
// The cluster 'lab' in memory (fake_world.h), in a home of its own: what tests of verbs that make and change clusters
// start from.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cluster/start/start.h"
#include "tests/fakes/fake_world.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::fakes {

// The kubeconfig of somebody who has a cluster already.
constexpr auto kubeconfig_of_others = R"(apiVersion: v1
kind: Config
clusters:
- name: work  # the company's
  cluster:
    server: https://work.example
users:
- name: me
  user:
    token: secret
contexts:
- name: work
  context:
    cluster: work
    user: me
current-context: work
)";

// All that an error says.
inline std::string words(const Error& error) {
  std::string all = error.what;
  for (const auto& line : error.trail) all += "\n  " + line;
  return all;
}

class LabWorld : public testing::Test {
 protected:
  LabWorld() { world.add_own_images(); }

  // Starts 'lab', unless the request says otherwise, for at most 20 seconds.
  Result<cluster::StartReport> start(cluster::StartRequest request = {}) {
    if (request.profile.empty()) request.profile = "lab";
    if (!request.wait_timeout) request.wait_timeout = std::chrono::seconds(20);
    return cluster::start(ctx, home, request);
  }
  Result<cluster::StartReport> start_nodes(int nodes) {
    cluster::StartRequest request;
    request.nodes = nodes;
    return start(request);
  }
  drivers::NodeState state(const std::string& node) { return world.provider.machines.at(node).node.state; }

  TemporaryHome temporary;
  FakeWorld world;
  cluster::Home home = world.home(temporary.home());
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(60)), &events};
};

}  // namespace skiff::fakes
