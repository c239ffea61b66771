// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addons.h"

#include <gtest/gtest.h>

#include "addons/render.h"
#include "cluster/addons/addon_images.h"
#include "cluster/addons/addon_objects.h"
#include "cluster/addons/addon_plan.h"
#include "images/recipe.h"
#include "tests/fakes/fake_world.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

addons::Catalogue catalogue(const std::vector<std::pair<std::string, std::string>>& addons) {
  addons::Catalogue made;
  for (const auto& [name, more] : addons) {
    const std::string description = "summary: s\nmaintainer: m\n" + more;
    made.push_back({name, addons::parse_addon({name, "/a/" + name, false, {{"addon.yaml", description}}})});
  }
  return made;
}

std::vector<std::string> names_of(const std::vector<addons::Addon>& plan) {
  std::vector<std::string> names;
  for (const auto& addon : plan) names.push_back(addon.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(AddonPlan, RequiredAddonsComeFirst) {
  const auto all = catalogue({{"app", "requires: [db]"}, {"db", "requires: [disk]"}, {"disk", "aliases: [storage]"}});
  EXPECT_EQ(names_of(plan_enabling(all, {}, {"app"}).value()), (Names{"disk", "db", "app"}));
  EXPECT_EQ(names_of(plan_enabling(all, {"disk"}, {"app", "db"}).value()), (Names{"db", "app"}));
  EXPECT_EQ(names_of(plan_enabling(all, {}, {"storage", "disk"}).value()), (Names{"disk"}));
}

TEST(AddonPlan, KnowsWhatIsOnByDefault) {
  const auto all = catalogue({{"a", "default: true"}, {"b", ""}, {"c", "default: false"}, {"damaged", "default: 1"}});
  EXPECT_EQ(default_addons(all), Names{"a"});
  EXPECT_EQ(default_addons(addons::make_catalogue({})), Names{"storage"});
}

TEST(AddonList, WithoutAClusterIsThatOfANewOne) {
  const fakes::TemporaryHome temporary;
  fakes::FakeWorld world;
  const Home home = world.home(temporary.home());
  for (const auto& listed : list_addons(home, "lab").value()) {
    EXPECT_EQ(listed.enabled, listed.entry.name == "storage") << listed.entry.name;
  }
}

TEST(AddonPlan, ConflictsAreSeenFromBothSides) {
  const auto all = catalogue({{"a", "conflicts: [b]"}, {"b", ""}, {"x", "requires: [z]"}, {"z", "requires: [x]"}});
  EXPECT_EQ(plan_enabling(all, {"b"}, {"a"}).error().id, ErrorId::addon_conflict);
  EXPECT_EQ(plan_enabling(all, {"a"}, {"b"}).error().id, ErrorId::addon_conflict);
  EXPECT_EQ(plan_enabling(all, {}, {"a", "b"}).error().id, ErrorId::addon_conflict);
  EXPECT_EQ(plan_enabling(all, {}, {"x"}).error().id, ErrorId::addon_conflict) << "a circle";
  EXPECT_TRUE(plan_enabling(all, {"a"}, {"a"}).ok());
}

TEST(AddonPlan, IngressAndGatewayAreOneAtATime) {
  const auto all = addons::make_catalogue({});
  EXPECT_EQ(plan_enabling(all, {"ingress"}, {"gateway"}).error().id, ErrorId::addon_conflict);
  EXPECT_EQ(plan_enabling(all, {"gateway"}, {"ingress-nginx"}).error().id, ErrorId::addon_conflict);
}

TEST(AddonPlan, DisablingGoesBackwardsAndKeepsWhatOthersRequire) {
  const auto all = catalogue({{"app", "requires: [db]"}, {"db", ""}, {"other", ""}});
  EXPECT_EQ(plan_disabling(all, {"db", "app"}, {"db", "app"}).value(), (Names{"app", "db"}));
  EXPECT_EQ(plan_disabling(all, {"db", "app"}, {"db"}).error().id, ErrorId::addon_conflict);
  EXPECT_EQ(plan_disabling(all, {"db"}, {"other"}).value(), Names{}) << "not enabled";
  EXPECT_EQ(plan_disabling(all, {"gone"}, {"gone"}).value(), Names{"gone"}) << "its folder was removed";
  EXPECT_EQ(plan_disabling(all, {}, {"bd"}).error().id, ErrorId::addon_not_found);
}

TEST(AddonRecord, NamesKindsAndIsReadBack) {
  const Names kinds = {"apps/v1 Deployment", "v1 Namespace"};
  const Json record = record_of("ingress", kinds);
  EXPECT_EQ(text_at(record, "metadata.name"), "skiff-addon-ingress");
  EXPECT_EQ(kinds_in(record), kinds);
  EXPECT_EQ(kinds_in({{"data", {{"kinds", ""}}}}), Names{});
}

TEST(AddonImages, GoToTheNodesThatNeedThem) {
  ClusterSpec spec;
  spec.profile = "lab";
  grow(spec, 3);
  const auto deployment = [](const std::string& image, const std::string& node) {
    JsonObject pods{{"containers", JsonArray{JsonObject{{"name", "c"}, {"image", image}}}}};
    if (!node.empty()) pods["nodeSelector"] = {{"kubernetes.io/hostname", node}};
    return Json{{"kind", "Deployment"}, {"spec", {{"template", {{"spec", pods}}}}}};
  };
  const std::vector<Json> objects = {deployment("a", "lab-cp1"), deployment("b", ""), deployment("b", "lab-w1")};
  EXPECT_EQ(nodes_with_image(spec, objects, "a"), Names{"lab-cp1"});
  EXPECT_EQ(nodes_with_image(spec, objects, "b"), (Names{"lab-cp1", "lab-w1", "lab-w2"}));
  EXPECT_EQ(nodes_with_image(spec, objects, "named by a value"), (Names{"lab-cp1", "lab-w1", "lab-w2"}));
}

TEST(AddonImages, ReferencesAreThoseOfTheRecipes) {
  for (const auto& entry : addons::make_catalogue({})) {
    for (const auto& image : entry.addon.value().images) {
      if (image.recipe.empty()) continue;
      const auto recipe = images::find_recipe(image.recipe);
      ASSERT_TRUE(recipe.ok()) << recipe.error().what;
      EXPECT_EQ(image.reference, recipe->reference) << entry.name;
    }
  }
}

TEST(AddonDefinitions, FitTheController) {
  const auto gateway = addons::find_addon(addons::make_catalogue({}), "gateway").value();
  const std::string line =
      gateway.definitions->module + ' ' + gateway.definitions->version + ' ' + gateway.definitions->sum;
  for (const auto& file : images::files_below("traefik")) {
    if (file.path != "go.sum") continue;
    EXPECT_NE(file.content.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace skiff::cluster
