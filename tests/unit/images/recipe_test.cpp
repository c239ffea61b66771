// SPDX-License-Identifier: Apache-2.0
#include "images/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "images/node_image.h"
#include "model/versions.h"

namespace skiff::images {
namespace {

TEST(Recipe, EveryEmbeddedRecipeIsValidAndBuildable) {
  std::set<std::string> part_names;
  for (const auto& name : recipe_names()) {
    const auto recipe = find_recipe(name);
    ASSERT_TRUE(recipe.ok()) << recipe.error().what;
    EXPECT_FALSE(recipe->parts.empty()) << name;
    EXPECT_GT(recipe->disk_mib, 0) << name;
    for (const auto& part : recipe->parts) {
      EXPECT_TRUE(part_names.insert(part.name).second) << "two parts are called " << part.name;
      EXPECT_GT(part.disk_mib, 0) << part.name;
      const auto* go = std::get_if<GoBuild>(&part.build);
      if (go == nullptr) continue;
      EXPECT_FALSE(go->packages.empty()) << part.name;
      const auto files = files_below(go->module);
      EXPECT_TRUE(std::ranges::any_of(files, [](const auto& file) { return file.path == "go.mod"; })) << part.name;
    }
    for (const auto& image : recipe->images) EXPECT_TRUE(find_recipe(image).ok()) << image;
  }
}

TEST(Recipe, TheNodeCarriesTheVersionsOfThisRelease) {
  const auto recipe = find_recipe("node");
  ASSERT_TRUE(recipe.ok());
  EXPECT_EQ(recipe->reference, "skiff-node:" + std::string(versions::kubernetes));
  EXPECT_TRUE(node_image_reference().starts_with(recipe->reference + '-'));
  EXPECT_EQ(node_image_reference().size(), recipe->reference.size() + 13);
  const auto coredns = find_recipe("coredns");
  ASSERT_TRUE(coredns.ok());
  EXPECT_EQ(coredns->reference, "skiff.dev/coredns:" + std::string(versions::coredns));
}

TEST(Recipe, AnotherVersionOfKubernetesDiffersInItsModuleAlone) {
  const auto newest = find_recipe("node").value();
  auto older = kubernetes_versions();
  ASSERT_GE(older.size(), 4U);
  EXPECT_EQ(older.front(), versions::kubernetes);
  older.erase(older.begin());
  std::set<std::string> references = {node_image_reference()};
  for (const auto& kubernetes : older) {
    const auto recipe = find_recipe("node", kubernetes);
    ASSERT_TRUE(recipe.ok()) << recipe.error().what;
    EXPECT_EQ(recipe->reference, "skiff-node:" + kubernetes);
    EXPECT_TRUE(references.insert(node_image_reference(kubernetes)).second) << kubernetes;
    for (std::size_t i = 0; i < recipe->parts.size(); ++i) {
      const auto& part = recipe->parts[i];
      const bool same = content_hash(part) == content_hash(newest.parts[i]);
      EXPECT_EQ(same, part.name != "kube") << part.name;
      if (part.name != "kube") continue;
      const auto& go = std::get<GoBuild>(part.build);
      EXPECT_EQ(go.variables.at("k8s.io/component-base/version.gitVersion"), kubernetes);
      EXPECT_EQ(go.variables.at("k8s.io/component-base/version.gitMinor"), kubernetes.substr(3, 2));
      const auto sources = sources_of(go);
      EXPECT_EQ(sources.size(), files_below(go.module).size());
      const auto mod = std::ranges::find(sources, "go.mod", &RecipeFile::path);
      ASSERT_NE(mod, sources.end());
      EXPECT_NE(mod->content.find("k8s.io/kubernetes " + kubernetes + "\n"), std::string::npos) << kubernetes;
    }
  }
  EXPECT_EQ(find_recipe("node", "v1.30.0").error().id, ErrorId::image_not_found);
  EXPECT_EQ(node_image_reference("v1.30.0"), "");
}

TEST(Recipe, AnUnknownNameListsTheKnownOnes) {
  const auto recipe = find_recipe("nodd");
  ASSERT_FALSE(recipe.ok());
  EXPECT_EQ(recipe.error().id, ErrorId::image_not_found);
  EXPECT_NE(recipe.error().advice.find("hello"), std::string::npos);
}

constexpr std::string_view small_recipe = R"(
summary: An example
reference: skiff.dev/example:1
entrypoint: [/bin/example, --fast]
disk_mib: 10
files: overlay
images: [pause]
parts:
  - {name: base, summary: Base, debian: bookworm, packages: [bash, curl], drop: [/usr/x/*], keep: [/usr/x/y]}
  - name: example
    summary: Example
    go: .
    packages: [., example.org/tool/cmd/tool]
    into: /usr/bin
    links: [other]
    tags: [one, two]
    variables: {example.org/version.Text: v1}
)";

TEST(Recipe, ReadsEveryKey) {
  const auto recipe = parse_recipe("example", small_recipe);
  ASSERT_TRUE(recipe.ok()) << recipe.error().what;
  EXPECT_EQ(recipe->entrypoint, (std::vector<std::string>{"/bin/example", "--fast"}));
  EXPECT_EQ(recipe->files, "example/overlay");
  EXPECT_EQ(recipe->images, std::vector<std::string>{"pause"});
  ASSERT_EQ(recipe->parts.size(), 2U);
  const auto& debian = std::get<DebianBuild>(recipe->parts[0].build);
  EXPECT_EQ(debian.suite, "bookworm");
  EXPECT_EQ(debian.packages, (std::vector<std::string>{"bash", "curl"}));
  const auto& go = std::get<GoBuild>(recipe->parts[1].build);
  EXPECT_EQ(go.module, "example");
  EXPECT_EQ(go.into, "/usr/bin");
  EXPECT_EQ(go.links, std::vector<std::string>{"other"});
}

TEST(Recipe, NamesTheFileAndKeyThatIsMissing) {
  const auto recipe = parse_recipe("example", "summary: An example\n");
  ASSERT_FALSE(recipe.ok());
  EXPECT_EQ(recipe.error().id, ErrorId::config_invalid);
  EXPECT_EQ(recipe.error().what, "images/example/image.yaml: 'reference' is missing");
}

TEST(Recipe, TurnsPartsIntoCommands) {
  const auto recipe = parse_recipe("example", small_recipe);
  ASSERT_TRUE(recipe.ok());
  EXPECT_EQ(build_arguments(std::get<GoBuild>(recipe->parts[1].build), "out/"),
            (std::vector<std::string>{"build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-tags=one,two",
                                      "-ldflags=-s -w -X example.org/version.Text=v1", "-o", "out/", ".",
                                      "example.org/tool/cmd/tool"}));
  const auto debian = build_arguments(std::get<DebianBuild>(recipe->parts[0].build), "out.tar");
  EXPECT_EQ(debian.back(), "out.tar");
  EXPECT_NE(std::ranges::find(debian, "--include=bash,curl"), debian.end());
  const auto drop = std::ranges::find(debian, "--dpkgopt=path-exclude=/usr/x/*");
  const auto keep = std::ranges::find(debian, "--dpkgopt=path-include=/usr/x/y");
  ASSERT_NE(keep, debian.end());
  EXPECT_LT(drop, keep) << "dpkg lets the later pattern win";
}

TEST(Recipe, ListsTheVersionsOfPackagesBeforeTheirRecordsAreRemoved) {
  DebianBuild build;
  build.suite = "bookworm";
  build.packages = {"bash"};
  build.then = "rm -rf x";
  for (const bool unpack : {false, true}) {
    build.unpack = unpack;
    const auto arguments = build_arguments(build, "out.tar");
    const auto has = [](std::string_view words) {
      return [words](const std::string& argument) { return argument.find(words) != std::string::npos; };
    };
    const auto list = std::ranges::find_if(arguments, has(">'out.tar.packages'"));
    ASSERT_NE(list, arguments.end());
    EXPECT_LT(list, std::ranges::find_if(arguments, has("rm -rf x")));
    EXPECT_TRUE(std::ranges::none_of(arguments.begin(), list, has("var/lib/dpkg/info")));
  }
}

TEST(Recipe, WhatIsCompiledWithCIsLinkedStatically) {
  GoBuild build;
  build.packages = {"."};
  build.cgo = true;
  const auto arguments = build_arguments(build, "out/");
  EXPECT_NE(std::ranges::find(arguments, "-ldflags=-s -w -linkmode external -extldflags -static"), arguments.end());
}

TEST(Recipe, ChangesOfADependencyReplaceTheModuleFile) {
  const auto recipe = parse_recipe("example", R"(summary: an example
reference: skiff.dev/example:1
parts:
  - {name: plain, summary: as it is, go: ., packages: [.], into: /}
  - {name: changed, summary: with changes, go: ., changes: changes.yaml, packages: [.], into: /}
)");
  ASSERT_TRUE(recipe.ok());
  const std::string wanted = "-modfile=../changed/go.mod";
  const auto plain = build_arguments(std::get<GoBuild>(recipe->parts[0].build), "out/");
  EXPECT_EQ(std::ranges::find(plain, wanted), plain.end());
  const auto changed = build_arguments(std::get<GoBuild>(recipe->parts[1].build), "out/");
  EXPECT_NE(std::ranges::find(changed, wanted), changed.end());
}

TEST(ContentHash, ChangesWithFlagsAndNotWithWords) {
  const auto recipe = parse_recipe("example", small_recipe);
  ASSERT_TRUE(recipe.ok());
  Part part = recipe->parts[1];
  const std::string before = content_hash(part);
  EXPECT_EQ(before.size(), 12U);
  part.summary = "Other words";
  EXPECT_EQ(content_hash(part), before);
  std::get<GoBuild>(part.build).variables["example.org/version.Text"] = "v2";
  EXPECT_NE(content_hash(part), before);
}

TEST(ContentHash, OfAnImageCoversTheImagesInIt) {
  auto node = find_recipe("node").value();
  const std::string before = content_hash(node).value();
  std::erase(node.images, "coredns");
  EXPECT_NE(content_hash(node).value(), before);
}

TEST(Recipe, FilesBelowAFolderAreOnlyItsOwn) {
  for (const auto& file : files_below("node/modules/kube")) EXPECT_FALSE(file.path.starts_with('/')) << file.path;
  EXPECT_TRUE(files_below("node/modules/kub").empty());
  EXPECT_TRUE(files_below("").empty());
  const auto files = files_below("node/rootfs");
  const auto init = std::ranges::find(files, "usr/sbin/skiff-init", &RecipeFile::path);
  ASSERT_NE(init, files.end());
  EXPECT_TRUE(init->executable);
}

}  // namespace
}  // namespace skiff::images
