#include "net/route_source.h"

namespace skiff::net {

std::string name_of(const Target& target) {
  if (const auto* endpoint = std::get_if<Endpoint>(&target)) return to_string(*endpoint);
  return std::get<StreamTarget>(target).name;
}

}  // namespace skiff::net
