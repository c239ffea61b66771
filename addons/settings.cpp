// SPDX-License-Identifier: Apache-2.0
#include "addons/settings.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff::addons {
namespace {

constexpr std::string_view image_prefix = "image.";

Error unknown_setting(const Addon& addon, const std::string& name) {
  std::vector<std::string> known;
  known.reserve(addon.values.size() + addon.images.size());
  for (const auto& value : addon.values) known.push_back(value.name);
  for (const auto& image : addon.images) known.push_back(image_key(image));
  return make_error(ErrorId::usage,
                    "The addon '" + addon.name + "' has no value '" + name + "'" + did_you_mean(name, known),
                    known.empty() ? "It has no values" : "Its values are: " + join(known, ", "));
}

}  // namespace

std::string image_key(const Image& image) { return std::string(image_prefix) + image.name; }

Result<Json> typed_value(const Value& value, const std::string& text) {
  if (value.fallback.is_string()) return Json(text);
  if (!value.fallback.is_bool()) return Json(TRY(parse_int(text, "'" + value.name + "'")));
  if (text == "true" || text == "false") return Json(text == "true");
  return make_error(ErrorId::usage, "'" + value.name + "' must be true or false, not '" + text + "'");
}

Result<void> check_name(const Addon& addon, const std::string& name) {
  const bool known = std::ranges::find(addon.values, name, &Value::name) != addon.values.end() ||
                     std::ranges::find(addon.images, name, image_key) != addon.images.end();
  return known ? Result<void>() : unknown_setting(addon, name);
}

Result<void> check_setting(const Addon& addon, const std::string& name, const std::string& text) {
  TRY(check_name(addon, name));
  const auto value = std::ranges::find(addon.values, name, &Value::name);
  if (value != addon.values.end()) {
    TRY(typed_value(*value, text));
    return {};
  }
  if (text.empty()) return make_error(ErrorId::usage, "'" + name + "' must be an image reference");
  return {};
}

Result<Settings> image_settings(const Addon& addon, const std::map<std::string, std::string>& references,
                                const std::map<std::string, std::string>& registries) {
  Settings settings;
  for (const auto& [name, reference] : references) settings[std::string(image_prefix) + name] = reference;
  for (const auto& [name, host] : registries) {
    const auto image = std::ranges::find(addon.images, name, &Image::name);
    if (image == addon.images.end()) return unknown_setting(addon, std::string(image_prefix) + name);
    std::string& reference = settings.try_emplace(image_key(*image), image->reference).first->second;
    reference = with_registry(reference, host);
  }
  for (const auto& [name, text] : settings) TRY(check_setting(addon, name, text));
  return settings;
}

std::string with_registry(std::string_view reference, std::string_view host) {
  const auto slash = reference.find('/');
  const auto first = reference.substr(0, slash);
  const bool has_host =
      slash != std::string_view::npos && (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
  return std::string(host) + '/' + std::string(has_host ? reference.substr(slash + 1) : reference);
}

std::vector<Image> images_in_use(const Addon& addon, const Settings& settings) {
  std::vector<Image> images = addon.images;
  for (auto& image : images) {
    const auto set = settings.find(image_key(image));
    if (set == settings.end() || set->second == image.reference) continue;
    image = {image.name, set->second, /*recipe=*/"", "chosen by the user, pulled by the nodes"};
  }
  return images;
}

}  // namespace skiff::addons
