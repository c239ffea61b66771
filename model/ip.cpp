// SPDX-License-Identifier: Apache-2.0
#include "model/ip.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff {
namespace {
std::uint32_t mask(int bits) { return bits == 0 ? 0U : ~0U << (32 - bits); }
}  // namespace

bool Cidr::contains(Ipv4 address) const { return (address.value & mask(bits)) == base.value; }

bool Cidr::overlaps(const Cidr& other) const { return contains(other.base) || other.contains(base); }

Result<Ipv4> parse_ipv4(std::string_view text) {
  const auto bad = [&] { return make_error(ErrorId::usage, "'" + std::string(text) + "' is not an IPv4 address"); };
  const auto parts = split(text, '.');
  if (parts.size() != 4) return bad();
  std::uint32_t value = 0;
  for (const auto& part : parts) {
    const auto number = parse_int(part, "an address part");
    if (!number.ok() || *number < 0 || *number > 255) return bad();
    value = value << 8 | static_cast<std::uint32_t>(*number);
  }
  return Ipv4{value};
}

Result<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto bits =
      slash == std::string_view::npos ? Result<long long>(-1) : parse_int(text.substr(slash + 1), "prefix");
  if (!bits.ok() || *bits < 0 || *bits > 32) {
    return make_error(ErrorId::usage, "'" + std::string(text) + "' is not a range like 192.168.80.0/24");
  }
  const Ipv4 address = TRY(parse_ipv4(text.substr(0, slash)));
  return Cidr{{address.value & mask(static_cast<int>(*bits))}, static_cast<int>(*bits)};
}

std::string to_string(Ipv4 address) {
  const auto byte = [&](int shift) { return std::to_string(address.value >> shift & 255); };
  return byte(24) + "." + byte(16) + "." + byte(8) + "." + byte(0);
}

std::string to_string(const Cidr& range) { return to_string(range.base) + "/" + std::to_string(range.bits); }

std::optional<Cidr> first_free(std::span<const Cidr> candidates, std::span<const Cidr> taken) {
  const auto free = std::find_if(candidates.begin(), candidates.end(), [&](const Cidr& candidate) {
    return std::none_of(taken.begin(), taken.end(), [&](const Cidr& t) { return t.overlaps(candidate); });
  });
  return free == candidates.end() ? std::nullopt : std::optional(*free);
}

}  // namespace skiff
