// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <array>
#include <charconv>

namespace skiff {

Result<Json> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 500;  // the schemas of custom resources go deeper than Boost's 32
  boost::json::error_code error;
  Json value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return make_error(ErrorId::config_invalid, "Not JSON: " + error.message());
  return value;
}

std::string to_text(const Json& value) { return boost::json::serialize(value); }

namespace {
void write_pretty(const Json& value, std::string& out, std::size_t depth) {
  const std::string indent(2 * depth + 2, ' ');
  const auto close = [&](char bracket) { out += '\n' + std::string(2 * depth, ' ') + bracket; };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    const char* separator = "{\n";
    for (const auto& [key, member] : *object) {
      out += separator + indent + to_text(Json(key)) + ": ";
      write_pretty(member, out, depth + 1);
      separator = ",\n";
    }
    close('}');
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    const char* separator = "[\n";
    for (const auto& element : *array) {
      out += separator + indent;
      write_pretty(element, out, depth + 1);
      separator = ",\n";
    }
    close(']');
  } else {
    out += to_text(value);
  }
}
}  // namespace

std::string to_pretty_text(const Json& value) {
  std::string out;
  write_pretty(value, out, 0);
  return out + '\n';
}

const Json* find(const Json& value, std::string_view path) {
  const Json* at = &value;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const auto key = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    if (const auto* object = at->if_object()) {
      at = object->if_contains({key.data(), key.size()});
    } else if (const auto* array = at->if_array()) {
      std::size_t index = 0;
      const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
      at = parsed.ec == std::errc{} && index < array->size() ? &(*array)[index] : nullptr;
    } else {
      at = nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const Json& value, std::string_view path, std::string_view fallback) {
  const Json* at = find(value, path);
  return at != nullptr && at->is_string() ? std::string(at->get_string()) : std::string(fallback);
}

long long int_at(const Json& value, std::string_view path, long long fallback) {
  const Json* at = find(value, path);
  if (at == nullptr || !at->is_number()) return fallback;
  boost::json::error_code error;
  const auto number = at->to_number<long long>(error);
  return error ? fallback : number;
}

bool bool_at(const Json& value, std::string_view path, bool fallback) {
  const Json* at = find(value, path);
  return at != nullptr && at->is_bool() ? at->get_bool() : fallback;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (!value.is_double()) return std::nullopt;
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value.get_double()).ptr;
  return std::string(text.data(), end);
}

const JsonArray& array_at(const Json& value, std::string_view path) {
  static const JsonArray none;
  const Json* at = find(value, path);
  return at != nullptr && at->is_array() ? at->get_array() : none;
}

}  // namespace skiff
