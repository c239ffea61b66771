// SPDX-License-Identifier: Apache-2.0
#include "model/registries.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff {
namespace {

// A name or address with or without a port: what may stand before an image's first slash.
bool is_host(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']';
  });
}

std::string_view without_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return text;
}

std::string_view without_slash(std::string_view text) {
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

Result<std::vector<std::string>> read_list(const Json& json, std::string_view key,
                                           Result<std::string> (*parse)(std::string_view)) {
  std::vector<std::string> all;
  for (const auto& each : array_at(json, key)) {
    auto parsed = parse(each.is_string() ? std::string_view(each.get_string()) : "");
    if (!parsed.ok()) return make_error(ErrorId::config_invalid, "has no registries in " + std::string(key));
    all.push_back(*std::move(parsed));
  }
  return all;
}

}  // namespace

Result<std::string> parse_insecure_registry(std::string_view text) {
  const std::string_view host = without_slash(without_scheme(text));
  if (host.find('/') != std::string_view::npos) {
    return make_error(ErrorId::usage, "'" + std::string(text) + "' is no registry",
                      "containerd knows registries by their names, not by ranges of addresses or paths: name each, "
                      "such as 192.168.1.5:5000");
  }
  if (!is_host(host)) {
    return make_error(ErrorId::usage, "'" + std::string(text) + "' is no registry",
                      "Name it as images do, such as registry.lab:5000");
  }
  return std::string(host);
}

Result<std::string> parse_registry_mirror(std::string_view text) {
  const std::string_view rest = without_scheme(text);
  const std::string_view host = rest.substr(0, rest.find('/'));
  const bool plain = text.find_first_of("\"\\ \t\r\n") == std::string_view::npos;
  if (rest.size() != text.size() && is_host(host) && plain) return std::string(without_slash(text));
  return make_error(ErrorId::usage, "'" + std::string(text) + "' is no address of a mirror",
                    "Write all of it, such as https://mirror.lab or http://192.168.1.5:5000");
}

JsonObject to_json(const Registries& registries) {
  JsonObject json;
  if (!registries.insecure.empty()) json["insecure"] = boost::json::value_from(registries.insecure);
  if (!registries.mirrors.empty()) json["mirrors"] = boost::json::value_from(registries.mirrors);
  return json;
}

Result<Registries> registries_from(const Json& json) {
  if (!json.is_object()) return make_error(ErrorId::config_invalid, "must hold lists of registries");
  return Registries{TRY(read_list(json, "insecure", parse_insecure_registry)),
                    TRY(read_list(json, "mirrors", parse_registry_mirror))};
}

}  // namespace skiff
