// SPDX-License-Identifier: Apache-2.0
#include "model/published_port.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/strings.h"
#include "model/kubernetes_settings.h"

namespace skiff {
namespace {

struct Range {
  int first = 0;
  int last = 0;
  int size() const { return last - first + 1; }
};

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool right = error == std::errc() && end == text.data() + text.size() && port >= 1 &&
                     port <= std::numeric_limits<std::uint16_t>::max();
  return right ? std::optional(port) : std::nullopt;
}

std::optional<Range> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

// Takes the part behind the last colon off; nothing when there is none.
std::optional<std::string_view> take_last(std::string_view& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto last = text.substr(colon + 1);
  text = text.substr(0, colon);
  return last;
}

}  // namespace

std::string to_string(const PublishedPort& port) {
  const bool v6 = port.address.find(':') != std::string::npos;
  return (v6 ? "[" + port.address + "]" : port.address) + ":" + std::to_string(port.host_port) + ":" +
         std::to_string(port.node_port) + "/" + port.protocol;
}

Result<std::vector<PublishedPort>> parse_published_ports(std::string_view text, const std::string& address) {
  const auto refused = [&](std::string advice) {
    return make_error(ErrorId::usage, "'" + std::string(text) + "' publishes no port", std::move(advice));
  };
  const std::string likely = "Write HOST-PORT:NODE-PORT, such as 8080:30080 or 127.0.0.1:8080:30080/udp";
  std::string_view rest = text;
  PublishedPort port{.address = address};
  if (const auto slash = rest.rfind('/'); slash != std::string_view::npos) {
    port.protocol = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
    constexpr std::array<std::string_view, 3> known = {"tcp", "udp", "sctp"};
    if (std::ranges::find(known, port.protocol) == known.end()) return refused("A protocol is tcp, udp or sctp");
  }
  const auto inside = take_last(rest);
  if (!inside) return refused(likely + ": a port of the host's choice would change with each start");
  const auto in_node = parse_range(*inside);
  const auto behind_address = take_last(rest);
  if (behind_address) {
    const bool bracketed = rest.starts_with('[') && rest.ends_with(']');
    if (!bracketed && rest.find(':') != std::string_view::npos) return refused(likely);
    port.address = bracketed ? rest.substr(1, rest.size() - 2) : rest;
    rest = *behind_address;
  }
  const auto on_host = parse_range(rest);
  if (!in_node || !on_host) return refused(likely);
  if (!is_ip_address(port.address)) return refused("'" + port.address + "' is no address of the host's");
  if (in_node->size() != on_host->size()) return refused("Both ranges must have as many ports");
  std::vector<PublishedPort> ports;
  for (int i = 0; i < in_node->size(); ++i) {
    port.host_port = static_cast<std::uint16_t>(on_host->first + i);
    port.node_port = static_cast<std::uint16_t>(in_node->first + i);
    ports.push_back(port);
  }
  return ports;
}

}  // namespace skiff
