// SPDX-License-Identifier: Apache-2.0
#include "cluster/proxy_in_the_way.h"

#include <utility>

#include "model/proxies.h"
#include "sys/env.h"

namespace skiff::cluster {
namespace {

// Host and port of "https://host:port".
std::pair<std::string_view, std::string_view> place_of(std::string_view server) {
  const auto begin = server.find("//");
  return split_port(begin == std::string_view::npos ? server : server.substr(begin + 2));
}

}  // namespace

std::string host_of(std::string_view server) { return std::string(place_of(server).first); }

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
