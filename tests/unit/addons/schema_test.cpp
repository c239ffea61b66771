// SPDX-License-Identifier: Apache-2.0
// addon.schema.json is for editors; the parser is what counts. Both must know the same keys.
#include <gtest/gtest.h>

#include <set>

#include "addons/catalogue.h"
#include "sys/files.h"
#include "tests/unit/addons/addon_folder.h"

namespace skiff::addons {
namespace {

Json schema() {
  return parse_json(sys::read_file(std::string(SKIFF_SOURCE_DIR) + "/addons/addon.schema.json").value()).value();
}

std::set<std::string> keys_at(const Json& value, std::string_view path) {
  std::set<std::string> keys;
  for (const auto& [key, ignored] : find(value, path)->get_object()) keys.emplace(key);
  return keys;
}

bool parser_knows(const std::string& text) {
  const auto addon = parse_addon(folder_of(text));
  return addon.ok() || addon.error().what.find("unknown key") == std::string::npos;
}

TEST(Schema, TheParserKnowsItsKeys) {
  const Json all = schema();
  for (const auto& key : keys_at(all, "properties")) EXPECT_TRUE(parser_knows(key + ": x\n")) << key;
  for (const std::string list : {"images", "ready", "probes"}) {
    for (const auto& key : keys_at(all, "properties." + list + ".items.properties")) {
      EXPECT_TRUE(parser_knows(small_description + list + ": [{" + key + ": x}]\n")) << list << ' ' << key;
    }
  }
  EXPECT_FALSE(parser_knows("other: x\n"));
}

TEST(Schema, KnowsTheKeysOfTheEmbeddedAddons) {
  const Json all = schema();
  for (const auto& folder : embedded_folders()) {
    const Json description = parse_yaml(folder.files.front().content, folder.name).value().front().value;
    for (const auto& key : keys_at(description, "")) {
      EXPECT_TRUE(keys_at(all, "properties").contains(key)) << folder.name << ' ' << key;
    }
    for (const std::string list : {"images", "ready", "probes"}) {
      for (const auto& element : array_at(description, list)) {
        for (const auto& key : keys_at(element, "")) {
          EXPECT_TRUE(keys_at(all, "properties." + list + ".items.properties").contains(key)) << list << ' ' << key;
        }
      }
    }
  }
}

}  // namespace
}  // namespace skiff::addons
