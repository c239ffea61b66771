// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/subnets.h"

#include <algorithm>

namespace skiff::drivers {

namespace {

// Private ranges that home routers, Docker's own pools (172.17 to 172.29) and libvirt (192.168.122) leave alone.
std::vector<Cidr> candidates() {
  std::vector<Cidr> ranges;
  for (std::uint32_t third = 80; third < 120; ++third) ranges.push_back({{0xC0A80000 | third << 8}, 24});  // 192.168
  for (std::uint32_t third = 0; third < 256; ++third) ranges.push_back({{0xAC1E0000 | third << 8}, 24});   // 172.30
  for (std::uint32_t third = 0; third < 256; ++third) ranges.push_back({{0x0A580000 | third << 8}, 24});   // 10.88
  return ranges;
}

// A route wider than /8 is how a VPN says "everything" (0.0.0.0/1 and 128.0.0.0/1); it claims no range.
bool claims(const Cidr& taken, const Cidr& range) { return taken.bits >= 8 && range.overlaps(taken); }

}  // namespace

Result<void> check_inner_ranges(const ClusterSpec& spec, std::span<const Cidr> taken) {
  const ClusterSpec usual;
  const auto check = [&](const Cidr& range, const Cidr& usual_range, const std::string& whose,
                         const std::string& flag) -> Result<void> {
    const auto other = std::ranges::find_if(taken, [&](const Cidr& each) { return claims(each, range); });
    if (range == usual_range || other == taken.end()) return {};
    return make_error(ErrorId::subnet_conflict,
                      "The " + whose + "' range " + to_string(range) + " overlaps " + to_string(*other) +
                          ", which is in use on this machine",
                      "Choose another one with " + flag + ", or leave that out");
  };
  TRY(check(spec.pod_range, usual.pod_range, "pods", "--pod-cidr"));
  return check(spec.service_range, usual.service_range, "services", "--service-cluster-ip-range");
}

Result<std::vector<Cidr>> free_subnets(const ClusterSpec& spec, const Cidr& wanted, std::span<const Cidr> taken) {
  const auto is_taken = [&](const Cidr& range) {
    return range.overlaps(spec.pod_range) || range.overlaps(spec.service_range) ||
           std::any_of(taken.begin(), taken.end(), [&](const Cidr& other) { return claims(other, range); });
  };
  std::vector<Cidr> ranges = wanted == Cidr{} ? candidates() : std::vector{wanted};
  std::erase_if(ranges, is_taken);
  if (ranges.empty()) {
    return make_error(ErrorId::subnet_conflict,
                      wanted == Cidr{} ? "All address ranges for the cluster's network are in use"
                                       : "The address range " + to_string(wanted) + " is in use on this machine");
  }
  return ranges;
}

std::vector<Cidr> ranges_of(std::span<const std::string> texts) {
  std::vector<Cidr> ranges;
  for (const auto& text : texts) {
    if (const auto range = parse_cidr(text); range.ok()) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace skiff::drivers
