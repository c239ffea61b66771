// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_name.h"

#include <algorithm>
#include <cctype>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

constexpr std::string_view hub = "docker.io/";
constexpr std::string_view library = "library/";

bool only(std::string_view text, std::string_view also) {
  return !text.empty() && std::ranges::all_of(text, [&](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || also.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= 128 && tag.front() != '.' && tag.front() != '-' &&
         std::ranges::all_of(tag,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-'; });
}

bool is_host(std::string_view part) {
  return part.find_first_of(".:") != std::string_view::npos || part == "localhost" ||
         std::ranges::any_of(part, [](unsigned char c) { return std::isupper(c) != 0; });
}

}  // namespace

// The grammar of distribution's "reference" package, as Docker and containerd read names.
Result<std::string> full_image_name(std::string_view name) {
  const auto wrong = [&] {
    return make_error(ErrorId::image_invalid, "'" + std::string(name) + "' is no name of an image",
                      "A name is written NAME:TAG, or HOST/NAME:TAG, in lower case");
  };
  if (name.find('@') != std::string_view::npos) return wrong();
  const auto slash = name.find('/');
  const auto colon = name.rfind(':');
  const bool tagged = colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos;
  const std::string_view tag = tagged ? name.substr(colon + 1) : "latest";
  std::string_view path = tagged ? name.substr(0, colon) : name;
  std::string_view host;
  if (slash != std::string_view::npos && is_host(path.substr(0, slash))) {
    host = path.substr(0, slash);
    path.remove_prefix(slash + 1);
  }
  if (!is_tag(tag) || name.size() > 255) return wrong();
  for (const auto& part : split(path, '/')) {
    if (!only(part, "._-") || std::isalnum(static_cast<unsigned char>(part.front())) == 0 ||
        std::isalnum(static_cast<unsigned char>(part.back())) == 0) {
      return wrong();
    }
  }
  if (!host.empty() && !only(to_lower(host), ".-:[]")) return wrong();
  std::string full = host.empty() || host == "index.docker.io" ? "docker.io" : std::string(host);
  full += '/';
  if (full == hub && path.find('/') == std::string_view::npos) full += library;
  return full.append(path).append(":").append(tag);
}

std::string short_image_name(std::string_view full) {
  if (full.starts_with(hub)) full.remove_prefix(hub.size());
  if (full.starts_with(library)) full.remove_prefix(library.size());
  return std::string(full);
}

}  // namespace skiff::cluster
