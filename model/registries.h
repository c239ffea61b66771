// SPDX-License-Identifier: Apache-2.0
// How nodes reach registries of images that are not as usual. Plain data; checked when it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace skiff {

struct Registries {
  std::vector<std::string> insecure;  // "registry.lab:5000": whose certificate nobody checks, or that speak plain HTTP
  std::vector<std::string> mirrors;   // "https://mirror.lab": asked for the images of docker.io before it is
  bool operator==(const Registries&) const = default;
};

// "registry.lab:5000", also with http:// or https:// before it, as it is kept: without. usage.
Result<std::string> parse_insecure_registry(std::string_view text);
// An URL, as it is kept: without a slash at its end. usage.
Result<std::string> parse_registry_mirror(std::string_view text);

// As profiles keep it, and back. config_invalid, without the file's name.
JsonObject to_json(const Registries& registries);
Result<Registries> registries_from(const Json& json);

}  // namespace skiff
