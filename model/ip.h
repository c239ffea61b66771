// SPDX-License-Identifier: Apache-2.0
// IPv4 addresses and ranges as plain values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff {

struct Ipv4 {
  std::uint32_t value = 0;  // host byte order
  auto operator<=>(const Ipv4&) const = default;
};

struct Cidr {
  Ipv4 base;  // lowest address of the range
  int bits = 0;
  auto operator<=>(const Cidr&) const = default;

  bool contains(Ipv4 address) const;
  bool overlaps(const Cidr& other) const;
  Ipv4 host(std::uint32_t number) const { return {base.value + number}; }
};

inline constexpr std::array<Cidr, 3> private_ranges = {  // RFC 1918
    {{{0x0A000000}, 8}, {{0xAC100000}, 12}, {{0xC0A80000}, 16}}};

Result<Ipv4> parse_ipv4(std::string_view text);  // usage when it is not one
Result<Cidr> parse_cidr(std::string_view text);  // "10.0.0.0/8"; host bits are cleared
std::string to_string(Ipv4 address);
std::string to_string(const Cidr& range);

// The first candidate that overlaps none of `taken`.
std::optional<Cidr> first_free(std::span<const Cidr> candidates, std::span<const Cidr> taken);

}  // namespace skiff
