#include "cluster/proxy_in_the_way.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "model/ip.h"
#include "net/address.h"
#include "sys/env.h"

namespace skiff::cluster {
namespace {

// "host:port" in two; the port is empty when there is none.
std::pair<std::string_view, std::string_view> split_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Host and port of "https://host:port".
std::pair<std::string_view, std::string_view> place_of(std::string_view server) {
  const auto begin = server.find("//");
  return split_port(begin == std::string_view::npos ? server : server.substr(begin + 2));
}

bool covers(std::string_view entry, std::string_view host, std::string_view port) {
  if (entry == "*") return true;
  const auto address = parse_ipv4(host);
  if (const auto range = parse_cidr(entry); range.ok()) return address.ok() && range->contains(*address);
  auto [name, its_port] = split_port(entry);
  if (!its_port.empty() && its_port != port) return false;
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (name.empty()) return false;
  if (name == host) return true;
  const std::string suffix = name.starts_with('.') ? std::string(name) : "." + std::string(name);
  return !address.ok() && host.ends_with(suffix);
}

}  // namespace

std::string host_of(std::string_view server) { return std::string(place_of(server).first); }

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::string_view port) {
  const std::string wanted = to_lower(host);
  const auto address = parse_ipv4(wanted);
  if (wanted == "localhost" || (address.ok() && net::is_loopback({*address, false}))) return true;
  const auto entries = split(to_lower(no_proxy), ',');
  return std::ranges::any_of(entries, [&](const auto& entry) { return covers(trim(entry), wanted, port); });
}

std::string proxy_in_the_way(std::string_view server) {
  const auto [host, port] = place_of(server);
  const auto no_proxy = sys::env("NO_PROXY");
  if (bypasses_proxy(no_proxy ? *no_proxy : sys::env("no_proxy").value_or(""), host, port)) return "";
  for (const auto* variable : {"HTTPS_PROXY", "https_proxy"}) {
    if (sys::env(variable)) return variable;
  }
  return "";
}

}  // namespace skiff::cluster
