// What a start would change about a cluster, told key by key as its profile has them. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/cluster_spec.h"

namespace skiff {

struct Difference {
  std::string key;     // "kubernetes.featureGates.SomeGate"
  std::string before;  // empty = was not said
  std::string after;   // empty = is said no more
  bool operator==(const Difference&) const = default;
};
std::vector<Difference> differences(const ClusterSpec& before, const ClusterSpec& after);

}  // namespace skiff
