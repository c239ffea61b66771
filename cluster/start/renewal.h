// SPDX-License-Identifier: Apache-2.0
// What nodes that run already are given anew, where a start finds that it has changed or runs out.
#pragma once

#include <vector>

#include "cluster/start/provision.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// Whether certificates of nodes that run have expired, or will before long; says so as a warning. They are issued anew
// when a node starts. What nobody can find out is no reason to stop a node, and neither is it while another one sleeps.
Result<bool> certificates_run_out(const Context& ctx, const Cluster& cluster,
                                  const std::vector<drivers::ObservedNode>& nodes);

// Gives nodes that run what is outside of the cluster (kube/node/outside.h), where it is not what all of them have
// since `before`; what they had and have no more goes. containerd and kubelet start anew where they would not see it
// else; pods stay. The undo gives back what the profile said before.
Result<void> renew_outside(const Context& ctx, const Home& home, const PlacedSpec& spec,
                           const std::shared_ptr<drivers::Driver>& driver, const std::optional<ClusterSpec>& before,
                           const Supplies& supplies, Undo& undo);

// Leads nodes that the plan keeps, and that were made while there was one control plane, to the address of several:
// their services start anew with other files, pods stay. `before`: what the undo gives them back.
Result<void> renew_api_address(const Context& ctx, const PlacedSpec& spec, const std::optional<ClusterSpec>& before,
                               const std::shared_ptr<drivers::Driver>& driver, const std::vector<PlannedNode>& plan,
                               const Supplies& supplies, Undo& undo);

}  // namespace skiff::cluster
