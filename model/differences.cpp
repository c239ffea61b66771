#include "model/differences.h"

#include <map>

#include "base/json.h"
#include "base/strings.h"
#include "model/profile.h"

namespace skiff {
namespace {

std::string text_of(const Json& value) {
  if (!value.is_array()) return scalar_text(value).value_or(to_text(value));
  std::vector<std::string> texts;
  for (const auto& each : value.get_array()) texts.push_back(text_of(each));
  return join(texts, ", ");
}

void flatten(const Json& value, const std::string& key, std::map<std::string, std::string>& out) {
  if (!value.is_object()) {
    out[key] = text_of(value);
    return;
  }
  for (const auto& [name, each] : value.get_object()) {
    flatten(each, key.empty() ? std::string(name) : key + '.' + std::string(name), out);
  }
}

std::map<std::string, std::string> keys_of(const ClusterSpec& spec) {
  std::map<std::string, std::string> keys;
  flatten(to_profile(spec), "", keys);
  keys.erase("format");
  return keys;
}

}  // namespace

std::vector<Difference> differences(const ClusterSpec& before, const ClusterSpec& after) {
  const auto was = keys_of(before);
  const auto is = keys_of(after);
  auto all = is;
  all.insert(was.begin(), was.end());
  const auto at = [](const auto& keys, const std::string& key) {
    const auto found = keys.find(key);
    return found == keys.end() ? std::string() : found->second;
  };
  std::vector<Difference> out;
  for (const auto& [key, ignored] : all) {
    if (at(was, key) != at(is, key)) out.push_back({key, at(was, key), at(is, key)});
  }
  return out;
}

}  // namespace skiff
