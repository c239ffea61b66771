#include "sys/host_net.h"

#include <arpa/inet.h>
#include <ifaddrs.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <memory>
#include <sstream>

namespace skiff::sys {
namespace {

struct Route {
  std::string interface;
  unsigned long destination;  // as /proc/net/route writes it: network byte order read as a little-endian number
  unsigned long mask;
};

std::vector<Route> routes() {
  std::vector<Route> found;
  std::ifstream table("/proc/net/route");
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

std::vector<std::string> name_servers() {
  for (const char* file : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}) {
    std::vector<std::string> servers;
    std::ifstream config(file);
    std::string line;
    while (std::getline(config, line)) {
      std::istringstream words(line);
      std::string key;
      std::string server;
      words >> key >> server;
      const bool loopback = server.starts_with("127.") || server == "::1";
      if (key == "nameserver" && !server.empty() && !loopback) servers.push_back(server);
    }
    if (!servers.empty()) return servers;
  }
  return {};
}

int uplink_mtu() {
  constexpr int ethernet = 1500;
  for (const auto& route : routes()) {
    if (route.mask != 0) continue;
    int mtu = ethernet;
    std::ifstream("/sys/class/net/" + route.interface + "/mtu") >> mtu;
    return std::min(mtu, ethernet);
  }
  return ethernet;
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
