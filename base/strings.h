// SPDX-License-Identifier: Apache-2.0
// Small pure helpers on text. A function earns its place here by having three users.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// The whole text as a number; an Error (usage) that names `what` otherwise.
Result<long long> parse_int(std::string_view text, std::string_view what);

// The candidate with the smallest edit distance to `word`, or empty when none is near (distance above a third of it).
std::string nearest(std::string_view word, std::span<const std::string> candidates);
// "; did you mean 'x'?" with the nearest one, to end a message with, or empty when none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

std::string base64_encode(std::string_view bytes);
Result<std::string> base64_decode(std::string_view text);

}  // namespace skiff
