// SPDX-License-Identifier: Apache-2.0
#include "images/module_changes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "images/recipe.h"

namespace skiff::images {
namespace {

TEST(ModuleChanges, EveryRecipesFileIsRead) {
  int files = 0;
  for (const auto& name : recipe_names()) {
    const auto recipe = find_recipe(name).value();
    for (const auto& part : recipe.parts) {
      const auto* go = std::get_if<GoBuild>(&part.build);
      if (go == nullptr || go->changes.empty()) continue;
      ++files;
      const auto sources = files_below(go->module);
      const auto file = std::ranges::find(sources, go->changes, &RecipeFile::path);
      ASSERT_NE(file, sources.end()) << go->module << '/' << go->changes;
      const auto changes = parse_changes(file->content, go->changes);
      ASSERT_TRUE(changes.ok()) << changes.error().what;
      for (const auto& edit : changes->edits) EXPECT_NE(edit.from, edit.to) << edit.file;
    }
  }
  EXPECT_GE(files, 2);
}

TEST(ModuleChanges, WhatIsMissingIsNamed) {
  for (const auto* text :
       {"", "module: m\n", "edits: [{file: f, from: a, to: b}]\n", "module: m\nedits: [{file: f, from: a}]\n"}) {
    const auto changes = parse_changes(text, "here.yaml");
    ASSERT_FALSE(changes.ok()) << text;
    EXPECT_EQ(changes.error().id, ErrorId::config_invalid);
    EXPECT_TRUE(changes.error().what.starts_with("here.yaml: ")) << changes.error().what;
  }
}

TEST(ModuleChanges, AnEditReplacesEachPlace) {
  EXPECT_EQ(edited({.file = "f", .from = "a", .to = "aa", .times = 2}, "a-a").value(), "aa-aa");
}

TEST(ModuleChanges, AnEditWhosePlacesAreOthersFails) {
  const auto text = edited({.file = "f.go", .from = "a", .to = "b", .times = 1}, "a-a");
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().id, ErrorId::image_build_failed);
  EXPECT_EQ(text.error().what, "f.go: 'a' is there 2 times, not 1");
}

}  // namespace
}  // namespace skiff::images
