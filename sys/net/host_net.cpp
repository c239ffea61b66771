// SPDX-License-Identifier: Apache-2.0
#include "sys/net/host_net.h"

#include <arpa/inet.h>
#include <ifaddrs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

namespace skiff::sys {
namespace {

struct Route {
  std::string interface;
  unsigned long destination;  // as /proc/net/route writes it: network byte order read as a little-endian number
  unsigned long mask;
};

std::vector<Route> routes_in(std::istream&& table) {
  std::vector<Route> found;
  std::string line;
  std::getline(table, line);  // heading
  while (std::getline(table, line)) {
    std::istringstream words(line);
    Route route;
    std::string gateway;
    int unused = 0;
    words >> route.interface >> std::hex >> route.destination >> gateway >> unused >> unused >> unused >> unused >>
        route.mask;
    if (words) found.push_back(route);
  }
  return found;
}

std::vector<Route> routes() { return routes_in(std::ifstream("/proc/net/route")); }

std::string text_of(const char* file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// An address of one host alone: loopback, unspecified (which means the same), or of one of its links.
bool means_its_host(std::string_view server) {
  return server.starts_with("127.") || server == "0.0.0.0" || server == "::1" || server == "::" ||
         server.find('%') != std::string_view::npos || server.starts_with("fe80:") || server.starts_with("FE80:");
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> unused{};
  return inet_pton(AF_INET, text.c_str(), unused.data()) == 1 || inet_pton(AF_INET6, text.c_str(), unused.data()) == 1;
}

bool is_domain(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

// The domains of a "search" or "domain" line that pods get, in order.
std::vector<std::string> domains_in(std::istream& words) {
  constexpr std::size_t most = 32 - 3;
  constexpr std::size_t most_characters =
      2048 - 3 * 100;  // a namespace's own has 63 characters and "svc.cluster.local"
  std::vector<std::string> domains;
  std::size_t characters = 0;
  for (std::string domain; words >> domain;) {
    while (domain.ends_with('.')) domain.pop_back();
    characters += domain.size() + 1;
    if (domains.size() == most || characters > most_characters) break;
    if (is_domain(domain) && std::ranges::find(domains, domain) == domains.end()) domains.push_back(domain);
  }
  return domains;
}

}  // namespace

std::vector<std::string> used_ranges() {
  std::vector<std::string> ranges;
  for (const auto& route : routes()) {
    if (route.mask == 0) continue;
    const auto byte = [&](int i) { return std::to_string(route.destination >> (8 * i) & 255); };
    ranges.push_back(byte(0) + "." + byte(1) + "." + byte(2) + "." + byte(3) + "/" +
                     std::to_string(std::popcount(route.mask)));
  }
  return ranges;
}

Resolver parse_resolver(std::string_view resolv_conf) {
  constexpr std::size_t most_servers = 3;
  Resolver resolver;
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "search" || key == "domain") resolver.search = domains_in(words);  // the last such line counts
    std::string server;
    if (key != "nameserver" || !(words >> server) || !is_address(server) || means_its_host(server)) continue;
    const bool known = std::ranges::find(resolver.servers, server) != resolver.servers.end();
    if (!known && resolver.servers.size() < most_servers) resolver.servers.push_back(server);
  }
  return resolver;
}

std::string render(const Resolver& resolver) {
  std::string text;
  for (const auto& server : resolver.servers) text += "nameserver " + server + "\n";
  if (!resolver.search.empty()) {
    text += "search";
    for (const auto& domain : resolver.search) text += " " + domain;
    text += "\n";
  }
  return text;
}

Resolver choose_resolver(std::string_view etc, std::string_view upstream) {
  Resolver chosen = parse_resolver(etc);
  if (!chosen.servers.empty()) return chosen;
  Resolver other = parse_resolver(upstream);
  if (!chosen.search.empty()) other.search = std::move(chosen.search);
  return other;
}

Resolver resolver() {
  return choose_resolver(text_of("/etc/resolv.conf"), text_of("/run/systemd/resolve/resolv.conf"));
}

int uplink_mtu(const std::string& route_table, const std::function<int(const std::string& interface)>& mtu_of) {
  for (const auto& route : routes_in(std::istringstream(route_table))) {
    if (route.mask != 0 || route.destination != 0) continue;
    const int mtu = mtu_of(route.interface);
    return mtu > 0 ? std::min(mtu, ethernet_mtu) : ethernet_mtu;
  }
  return ethernet_mtu;
}

int uplink_mtu() {
  return uplink_mtu(text_of("/proc/net/route"), [](const std::string& interface) {
    int mtu = 0;
    std::ifstream("/sys/class/net/" + interface + "/mtu") >> mtu;
    return mtu;
  });
}

bool is_own_address(const std::string& address) {
  in_addr wanted{};
  ifaddrs* list = nullptr;
  if (inet_pton(AF_INET, address.c_str(), &wanted) != 1 || getifaddrs(&list) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    if (reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr == wanted.s_addr) return true;
  }
  return false;
}

}  // namespace skiff::sys
