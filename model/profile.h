// SPDX-License-Identifier: Apache-2.0
// A profile is what the user asked for, kept between commands as profile.yaml. Pure: text in, text out.
#pragma once

#include <string>
#include <vector>

#include "model/cluster_spec.h"

namespace skiff {

// What a profile holds, and the same as text.
JsonObject to_profile(const ClusterSpec& spec);
std::string to_profile_yaml(const ClusterSpec& spec);
// config_invalid, naming the file and the line, when it is not a profile of a version that this skiff reads.
Result<ClusterSpec> parse_profile_yaml(const std::string& text, const std::string& path);

// What a start would change about a cluster, told key by key as its profile has them, without passwords.
struct Difference {
  std::string key;     // "kubernetes.featureGates.SomeGate"
  std::string before;  // empty = was not said
  std::string after;   // empty = is said no more
  bool operator==(const Difference&) const = default;
};
std::vector<Difference> differences(const ClusterSpec& before, const ClusterSpec& after);

}  // namespace skiff
