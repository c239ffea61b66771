// SPDX-License-Identifier: Apache-2.0
// JSON values, the shape in which skiff holds Kubernetes objects, Engine API answers and YAML documents.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

Result<Json> parse_json(std::string_view text);
std::string to_text(const Json& value);         // compact
std::string to_pretty_text(const Json& value);  // two-space indentation, ends with a newline

// Looks up "metadata.labels" style paths; array elements by index ("items.0"). Null pointer when any part is absent.
// A key that contains dots is reached with find() on its parent.
const Json* find(const Json& value, std::string_view path);
// The text, number or truth at `path`, or `fallback` when it is absent or of another kind.
std::string text_at(const Json& value, std::string_view path, std::string_view fallback = {});
long long int_at(const Json& value, std::string_view path, long long fallback = 0);
bool bool_at(const Json& value, std::string_view path, bool fallback = false);
// A text or a number as it would be typed; nothing for other values.
std::optional<std::string> scalar_text(const Json& value);
// The elements at `path`; an empty array when absent.
const JsonArray& array_at(const Json& value, std::string_view path);

// YAML 1.1 in, as Kubernetes reads it, JSON values out: one per document, empty documents left out. `lines` maps
// "metadata.name" style paths to the 1-based line they stand on, for errors that name it. Syntax errors name `source`
// and the line.
struct YamlDocument {
  Json value;
  std::map<std::string, int> lines;
};
Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, std::string_view source);
std::string to_yaml(const Json& value);

}  // namespace skiff
