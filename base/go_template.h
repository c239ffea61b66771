// SPDX-License-Identifier: Apache-2.0
// Texts with {{.Field}} in them, as people know them from Go's text/template: fields, literals, `if`, `else`, `end`,
// and
// "{{-" and "-}}", which take away the blanks beside them. What else Go has there is an error, never silence.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace skiff {

// A value as a template shows it: a text as it is, nothing for null, all else as JSON.
std::string shown(const Json& value);

// usage, with the nearest field's name, when the text asks for what `fields` has not or is no such template.
Result<std::string> fill_template(std::string_view text, const JsonObject& fields);

}  // namespace skiff
