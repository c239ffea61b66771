// SPDX-License-Identifier: Apache-2.0
#include "model/proxies.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/strings.h"
#include "model/ip.h"

namespace skiff {

std::pair<std::string_view, std::string_view> split_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

namespace {

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

bool is_plain(std::string_view text) {
  return std::ranges::none_of(
      text, [](unsigned char c) { return c <= ' ' || c == '\'' || c == '"' || c == '\\' || c == 0x7F; });
}

// "%40" is '@': a password in a URL is written so.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return std::isxdigit(static_cast<unsigned char>(text[at])) != 0; };
    if (text[i] != '%' || i + 2 >= text.size() || !digit(i + 1) || !digit(i + 2)) {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

constexpr std::string_view scheme_end = "://";

// What stands before and behind the user's name and password.
struct Split {
  std::string_view scheme;
  std::string_view user;
  std::string_view place;
};
Split split_proxy(std::string_view proxy) {
  Split split;
  const auto scheme = proxy.find(scheme_end);
  split.scheme = scheme == std::string_view::npos ? "http" : proxy.substr(0, scheme);
  std::string_view rest = scheme == std::string_view::npos ? proxy : proxy.substr(scheme + scheme_end.size());
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    split.user = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  split.place = rest.substr(0, rest.find('/'));
  return split;
}

}  // namespace

Result<std::string> parse_proxy(std::string_view text) {
  const auto [scheme, user, place] = split_proxy(trim(text));
  const auto wrong = [&](const std::string& why) {
    return make_error(ErrorId::usage, "'" + without_password(text) + "' is no proxy that skiff can ask: " + why,
                      "Write it like http://proxy.example:3128, with a password like http://USER:PASSWORD@HOST:PORT");
  };
  if (scheme != "http" && scheme != "https") return wrong("it must be http:// or https://");
  const auto [host, port] = split_port(place);
  if (host.empty() || !is_plain(trim(text)) || host.find_first_of("/?#[]:") != std::string_view::npos)
    return wrong("it has no name or address of a host");
  if (!port.empty() || place.ends_with(':')) {
    constexpr int highest = 65535;
    const auto number = parse_int(port, "the port");
    if (!number.ok() || *number < 1 || *number > highest) return wrong("its port is none");
  }
  std::string proxy = std::string(scheme).append(scheme_end);
  if (!user.empty()) proxy.append(user).append("@");
  return proxy.append(place);
}

Result<std::string> parse_past_proxies(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : split(std::string(text), ',')) {
    const auto plain = trim(word);
    if (plain.empty()) continue;
    if (!is_plain(plain)) {
      return make_error(ErrorId::usage, "'" + std::string(plain) + "' is nothing that goes past a proxy",
                        "Write names, domains, addresses and ranges with commas between them: corp.example,10.0.0.0/8");
    }
    words.emplace_back(plain);
  }
  return join(words, ",");
}

ProxyParts parts_of_proxy(std::string_view proxy) {
  const auto [scheme, user, place] = split_proxy(proxy);
  const auto [host, port] = split_port(place);
  ProxyParts parts{scheme == "https", std::string(host), 0, decoded(user)};
  const long long usual = parts.tls ? 443 : 80;
  parts.port = static_cast<std::uint16_t>(parse_int(port, "the port").value_or(usual));
  return parts;
}

std::string without_password(std::string_view proxy) {
  const auto [scheme, user, place] = split_proxy(proxy);
  const auto colon = user.find(':');
  if (colon == std::string_view::npos) return std::string(proxy);
  return std::string(scheme).append(scheme_end).append(user.substr(0, colon)).append(":***@").append(place);
}

bool is_loopback_host(std::string_view host) {
  constexpr Cidr loopback{{0x7F000000}, 8};
  const auto address = parse_ipv4(host);
  return host == "localhost" || host == "::1" || host == "[::1]" || (address.ok() && loopback.contains(*address));
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::string_view port) {
  const std::string wanted = to_lower(host);
  if (is_loopback_host(wanted)) return true;
  const auto entries = split(to_lower(no_proxy), ',');
  return std::ranges::any_of(entries, [&](const auto& entry) { return covers(trim(entry), wanted, port); });
}

std::optional<std::string> proxy_for(const Proxies& proxies, bool tls, std::string_view host, std::uint16_t port) {
  const std::string& proxy = tls ? proxies.https : proxies.http;
  if (proxy.empty() || bypasses_proxy(proxies.past, host, std::to_string(port))) return std::nullopt;
  return proxy;
}

JsonObject to_json(const Proxies& proxies) {
  JsonObject json;
  if (!proxies.http.empty()) json["http"] = proxies.http;
  if (!proxies.https.empty()) json["https"] = proxies.https;
  if (!proxies.past.empty()) json["past"] = proxies.past;
  if (proxies.said) json["said"] = true;
  return json;
}

Result<Proxies> proxies_from(const Json& json) {
  Proxies proxies;
  for (const auto& [key, proxy] : {std::pair{"http", &proxies.http}, {"https", &proxies.https}}) {
    const std::string text = text_at(json, key);
    if (text.empty()) continue;
    auto parsed = parse_proxy(text);
    if (!parsed.ok()) return make_error(ErrorId::config_invalid, std::string("has no proxy in ") + key);
    *proxy = *std::move(parsed);
  }
  auto past = parse_past_proxies(text_at(json, "past"));
  if (!json.is_object() || !past.ok()) return make_error(ErrorId::config_invalid, "must hold http, https and past");
  proxies.past = *std::move(past);
  proxies.said = bool_at(json, "said");
  return proxies;
}

}  // namespace skiff
