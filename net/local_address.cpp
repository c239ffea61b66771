// SPDX-License-Identifier: Apache-2.0
#include "net/local_address.h"

#include <algorithm>

#include "net/listen.h"

namespace skiff::net {
namespace {

constexpr std::uint32_t first_address = localhost.value;
constexpr std::uint32_t last_address = 0x7F0000FE;  // 127.0.0.254

class Allocator {
 public:
  explicit Allocator(const Taken& taken) : taken_(taken) {}

  // Why the service cannot have the address; empty when it can.
  std::string obstacle(const LocalService& service, Ipv4 address) const {
    for (const auto& port : service.ports) {
      const ListenPoint point{port.protocol, {address, false}, port.port};
      if (const auto owner = owners_.find(point); owner != owners_.end()) {
        return to_string(point) + " belongs to service " + owner->second;
      }
      if (taken_(point)) return to_string(point) + " is taken by another program";
    }
    return {};
  }

  void give(const LocalService& service, Ipv4 address) {
    result.addresses[service.name] = address;
    for (const auto& port : service.ports) owners_[{port.protocol, {address, false}, port.port}] = service.name;
  }

  bool give_if_free(const LocalService& service, Ipv4 address) {
    if (!obstacle(service, address).empty()) return false;
    give(service, address);
    return true;
  }

  void give_wanted(const LocalService& service, Ipv4 address) {
    if (!is_loopback({address, false})) {
      result.refused[service.name] = to_string(address) + " is not in 127.0.0.0/8";
    } else if (const auto why = obstacle(service, address); !why.empty()) {
      result.refused[service.name] = why;
    } else {
      give(service, address);
    }
  }

  void give_first_free(const LocalService& service) {
    for (std::uint32_t value = first_address; value <= last_address; ++value) {
      if (give_if_free(service, {value})) return;
    }
    result.refused[service.name] = "its ports are taken on every address from 127.0.0.1 to 127.0.0.254";
  }

  LocalAllocation result;

 private:
  const Taken& taken_;
  std::map<ListenPoint, std::string> owners_;
};

}  // namespace

std::vector<ListenPoint> listen_points(Ipv4 address, const LocalPort& port) {
  std::vector<ListenPoint> points = {{port.protocol, {address, false}, port.port}};
  static const bool both = bind_socket({Protocol::udp, {{}, true}, 0}).ok();
  if (address == localhost && both) points.push_back({port.protocol, {{}, true}, port.port});
  return points;
}

LocalAllocation allocate_local_addresses(std::span<const LocalService> services, const LocalAddresses& previous,
                                         const Taken& taken) {
  Allocator allocator(taken);
  std::vector<const LocalService*> left;
  for (const auto& service : services) {
    const auto before = previous.find(service.name);
    const bool keeps = before != previous.end() && service.wanted.value_or(before->second) == before->second &&
                       is_loopback({before->second, false}) && allocator.give_if_free(service, before->second);
    if (!keeps) left.push_back(&service);
  }
  for (const auto* service : left) {
    if (service->wanted) allocator.give_wanted(*service, *service->wanted);
  }
  for (const auto* service : left) {
    if (!service->wanted) allocator.give_first_free(*service);
  }
  return std::move(allocator.result);
}

}  // namespace skiff::net
