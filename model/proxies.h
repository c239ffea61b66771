// SPDX-License-Identifier: Apache-2.0
// The proxies of a network that lets nothing out by itself. Plain data and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace skiff {

struct Proxies {
  std::string http;   // asked for http:// addresses: "http://ann:secret@proxy.corp:3128"; empty = none is asked
  std::string https;  // asked for https:// addresses
  std::string past;   // what goes past both, in the words of NO_PROXY
  bool said = false;  // by the user; else each start takes those of its environment
  bool operator==(const Proxies&) const = default;
  bool any() const { return !http.empty() || !https.empty(); }
};

// In place of a proxy: as the environment of each start has it.
inline constexpr std::string_view word_of_environment = "environment";
// In place of a proxy, a file with certificates or one with logins: there is none.
inline constexpr std::string_view word_none = "none";

// As it is kept: with its scheme, which is http:// or https://, and without a path. usage, which never says a password.
Result<std::string> parse_proxy(std::string_view text);
// The words of NO_PROXY, without spaces. usage for what a list cannot have.
Result<std::string> parse_past_proxies(std::string_view text);

// The parts of a proxy that parse_proxy() has taken.
struct ProxyParts {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string user;  // with password, "ann:secret", as they were meant; empty = it asks for none
};
ProxyParts parts_of_proxy(std::string_view proxy);
// For people: "http://ann:***@proxy.corp:3128".
std::string without_password(std::string_view proxy);

// "host:port" in two; the port is empty where there is none.
std::pair<std::string_view, std::string_view> split_port(std::string_view text);
// Whether programs go to host:port past every proxy, by the text of NO_PROXY as Go programs read it, kubectl and
// containerd among them (golang.org/x/net/http/httpproxy): addresses, ranges, domains, "*", each with a port or
// without.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::string_view port);
// The proxy that is asked for this server; nothing when none is.
std::optional<std::string> proxy_for(const Proxies& proxies, bool tls, std::string_view host, std::uint16_t port);
// Whether the name is one by which a machine only finds itself: nobody else reaches a proxy there.
bool is_loopback_host(std::string_view host);

// As profiles keep it, and back. config_invalid, without the file's name.
JsonObject to_json(const Proxies& proxies);
Result<Proxies> proxies_from(const Json& json);

}  // namespace skiff
