// SPDX-License-Identifier: Apache-2.0
#include "net/forward/route_source.h"

namespace skiff::net {

std::string name_of(const Target& target) {
  if (const auto* endpoint = std::get_if<Endpoint>(&target)) return to_string(*endpoint);
  const auto& inside = std::get<NodeTarget>(target);
  return inside.where + " through " + inside.node;
}

}  // namespace skiff::net
