// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/refusals.h"

namespace skiff::cluster {

Result<void> Refusals::hold(Result<void> result) {
  if (result.ok() || result.error().id != ErrorId::profile_conflict) return result;
  held_.push_back(std::move(result).error());
  return {};
}

Result<void> Refusals::check() const {
  if (held_.empty()) return {};
  if (held_.size() == 1) return held_.front();
  Error all = make_error(ErrorId::profile_conflict,
                         std::to_string(held_.size()) + " things that are asked for cannot change later");
  for (const auto& each : held_) all.trail.push_back(each.what);
  return all;
}

}  // namespace skiff::cluster
