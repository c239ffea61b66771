// SPDX-License-Identifier: Apache-2.0
#include "addons/placeholders.h"

#include <vector>

#include "base/strings.h"

namespace skiff::addons {
namespace {

constexpr std::string_view opening = "${";

Error wrong(std::string what) { return make_error(ErrorId::addon_invalid, std::move(what)); }

Result<const Json*> look_up(std::string_view key, const Known& known, std::set<std::string>& used) {
  const auto found = known.find(key);
  if (found != known.end()) {
    used.insert(found->first);
    return &found->second;
  }
  std::vector<std::string> keys;
  for (const auto& [name, value] : known) keys.push_back(name);
  const std::string near = nearest(key, keys);
  return wrong("unknown key ${" + std::string(key) + "}" + (near.empty() ? "" : "; did you mean ${" + near + "}?"));
}

// The key of a text that is nothing but one placeholder.
std::string_view sole_key(std::string_view text) {
  if (!text.starts_with(opening) || text.find('}') != text.size() - 1) return {};
  return text.substr(opening.size(), text.size() - opening.size() - 1);
}

std::string plain(const Json& value) { return value.is_string() ? std::string(value.get_string()) : to_text(value); }

Result<Json> fill_at(const Json& value, const std::string& path, const Known& known, std::set<std::string>& used) {
  const auto below = [&](std::string_view key) { return (path.empty() ? "" : path + '.') + std::string(key); };
  if (const auto* object = value.if_object()) {
    JsonObject filled;
    for (const auto& [key, member] : *object) filled[key] = TRY(fill_at(member, below(key), known, used));
    return Json(std::move(filled));
  }
  if (const auto* array = value.if_array()) {
    JsonArray filled;
    for (std::size_t i = 0; i < array->size(); ++i) {
      filled.push_back(TRY(fill_at((*array)[i], below(std::to_string(i)), known, used)));
    }
    return Json(std::move(filled));
  }
  const auto* text = value.if_string();
  if (text == nullptr) return value;
  const auto key = sole_key(*text);
  const auto replaced = [&]() -> Result<Json> {
    if (!key.empty()) return *TRY(look_up(key, known, used));
    return Json(TRY(fill_text(*text, known, used)));
  };
  auto result = replaced();
  if (!result.ok()) result.error().advice = path;
  return result;
}

}  // namespace

Result<std::string> fill_text(std::string_view text, const Known& known, std::set<std::string>& used) {
  std::string out;
  while (true) {
    const auto at = text.find(opening);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    const bool escaped = at > 0 && text[at - 1] == '$';
    if (escaped) {
      out += '{';  // its dollar sign stands in `out` already
      text.remove_prefix(at + opening.size());
      continue;
    }
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) return wrong("a ${ without its }; write $${ for the two characters themselves");
    out += plain(*TRY(look_up(text.substr(at + opening.size(), end - at - opening.size()), known, used)));
    text.remove_prefix(end + 1);
  }
}

Result<Json> fill(const Json& value, const Known& known, std::set<std::string>& used) {
  return fill_at(value, "", known, used);
}

}  // namespace skiff::addons
