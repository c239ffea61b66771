// SPDX-License-Identifier: Apache-2.0
// ${key} in the texts of a YAML value.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"

namespace skiff::addons {

using Known = std::map<std::string, Json, std::less<>>;  // texts, numbers and truths by key

// The text with every ${key} replaced and "$${" turned into "${". Adds the keys it met to `used`. The error's `what` is
// one sentence without a place: an unknown key, with the nearest known one, or a "${" that does not end.
Result<std::string> fill_text(std::string_view text, const Known& known, std::set<std::string>& used);

// All texts of a value, mapping keys left alone. A text that is nothing but one ${key} becomes that key's number or
// truth. An error's `advice` is the path of the text it is about ("spec.replicas").
Result<Json> fill(const Json& value, const Known& known, std::set<std::string>& used);

}  // namespace skiff::addons
