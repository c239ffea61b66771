// SPDX-License-Identifier: Apache-2.0
// Which address range a cluster's network gets.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/cluster_spec.h"

namespace skiff::drivers {

// The /24 ranges worth trying, in order: only `wanted` when it is not zero, else the candidates that overlap neither
// `taken` (of this host and of the provider's other networks) nor the cluster's own pod and service ranges.
// subnet_conflict when none is left.
Result<std::vector<Cidr>> free_subnets(const ClusterSpec& spec, const Cidr& wanted, std::span<const Cidr> taken);

// Whether the ranges of pods and services, where the user has chosen them, overlap none of `taken`: else programs in
// the cluster would be answered by others than they ask. The usual ranges were not asked for, and stay.
// subnet_conflict.
Result<void> check_inner_ranges(const ClusterSpec& spec, std::span<const Cidr> taken);

// The texts that are ranges, as ranges.
std::vector<Cidr> ranges_of(std::span<const std::string> texts);

}  // namespace skiff::drivers
