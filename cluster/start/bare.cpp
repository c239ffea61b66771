// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/bare.h"

#include "base/parallel.h"

namespace skiff::cluster {

Result<void> await_runtimes(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan) {
  Step step(*ctx.events, "runtime", "Waiting for the container runtime");
  // The runtime makes its socket when it serves; nothing in the node tells of that.
  const std::vector<std::string> until_served = {
      "sh", "-c", "until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done; exec ctr version >/dev/null"};
  TRY(parallel_for(ctx, plan, [&](const Context& c, const PlannedNode& planned) -> Result<void> {
    const auto asked = TRY(capture(c, *cluster.driver, cluster.node(planned.node.name), until_served));
    if (asked.exit_code == 0) return {};
    Error error =
        make_error(ErrorId::node_failed, "The container runtime of " + planned.node.name + " does not answer");
    error.trail.push_back(asked.err);
    return error;
  }));
  step.done();
  return {};
}

}  // namespace skiff::cluster
