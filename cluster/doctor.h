// SPDX-License-Identifier: Apache-2.0
// doctor: does this host have what skiff needs? Each finding says how to mend what is wrong.
#pragma once

#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

enum class Verdict { good, warning, bad };
struct Finding {
  std::string name;  // "docker", "libvirt", "inotify", "disk", "subnets", "node-image", "kubectl", ...
  Verdict verdict = Verdict::good;
  std::string what;
  std::string advice;  // empty when good
};
std::vector<Finding> doctor(const Context& ctx, const Home& home);

}  // namespace skiff::cluster
