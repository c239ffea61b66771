// SPDX-License-Identifier: Apache-2.0
// What skiff promises about whatever a run leaves behind, checked on states: pure. Each answer is a list of what is
// wrong, for people.
#pragma once

#include <string>
#include <vector>

#include "stage.h"

namespace skiff::sweep {

using Faults = std::vector<std::string>;

// Machines, storage, networks, profiles and kubeconfig entries of others than the profile 'lab' are as they were.
Faults others_untouched(const State& before, const State& after);

// What there was of 'lab' is there: its machines (in whatever state), storage with its content, network, profile,
// authorities, objects in the cluster, entry in the kubeconfig; all but what belongs to `except`, a node.
Faults kept(const State& before, const State& after, const std::string& except = {});

// There is nothing of 'lab' that there was not before; its kubeconfig and profile are to the byte as before.
// `machines_may_come`: whose storage was there.
Faults nothing_new(const State& before, const State& after, bool machines_may_come = false);

// The Nodes that were there are there, open for pods as before, and with the same taints.
Faults nodes_as_before(const State& before, const State& after, const std::string& except = {});

// All of it runs, and the kubeconfig leads to it.
Faults usable(const State& state);
// There is nothing of 'lab' anywhere.
Faults gone(const State& state);

// The same for states that differ only in keys, times and numbers.
std::string outline(const State& state);

}  // namespace skiff::sweep
