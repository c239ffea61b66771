// SPDX-License-Identifier: Apache-2.0
// What a user may set about an addon. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "addons/addon.h"

namespace skiff::addons {

// Values by name, and "image.<name>" for another reference of an image. Kept in the profile.
using Settings = std::map<std::string, std::string>;

std::string image_key(const Image& image);  // "image.<name>"

// The text as the kind of value that the default is; usage when it is none.
Result<Json> typed_value(const Value& value, const std::string& text);

// usage, with the nearest name, when there is no such value or image.
Result<void> check_name(const Addon& addon, const std::string& name);

// The same, and usage when the text is of a wrong kind.
Result<void> check_setting(const Addon& addon, const std::string& name, const std::string& text);

// The settings for `--images name=reference` and `--registries name=host`; usage when there is no such image.
Result<Settings> image_settings(const Addon& addon, const std::map<std::string, std::string>& references,
                                const std::map<std::string, std::string>& registries);

// "localhost:5000/traefik:1" for "skiff.dev/traefik:1" and "localhost:5000".
std::string with_registry(std::string_view reference, std::string_view host);

// The images with the references that are in use; without a recipe where the user chose another one.
std::vector<Image> images_in_use(const Addon& addon, const Settings& settings);

}  // namespace skiff::addons
