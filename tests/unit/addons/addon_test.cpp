// SPDX-License-Identifier: Apache-2.0
#include "addons/addon.h"

#include <gtest/gtest.h>

#include "tests/unit/addons/addon_folder.h"

namespace skiff::addons {
namespace {

std::string refusal(const std::string& description) {
  const auto addon = parse_addon(folder_of(description));
  if (addon.ok()) return "";
  EXPECT_EQ(addon.error().id, ErrorId::addon_invalid);
  return addon.error().what;
}

TEST(Addon, HasWhatItsDescriptionSays) {
  const auto addon = parse_addon(folder_of(R"(
summary: Storage
maintainer: us
aliases: [disk]
requires: [ingress]
values:
  copies: {default: 2, help: How many}
images:
  - {name: main, reference: "a.test/b:1", build: b, origin: made here}
ready:
  - {kind: Deployment, namespace: "n", name: d, condition: Available}
probes:
  - {url: "http://d.n/", status: 204}
tunnel: {name: web, namespace: web, service: s, ports: [80, 443], ingressClass: mine}
)"));
  ASSERT_TRUE(addon.ok()) << addon.error().what;
  EXPECT_EQ(addon->name, "small");
  EXPECT_EQ(addon->aliases, std::vector<std::string>{"disk"});
  EXPECT_EQ(addon->required, std::vector<std::string>{"ingress"});
  EXPECT_EQ(addon->values.at(0).fallback, Json(2));
  EXPECT_EQ(addon->images.at(0).recipe, "b");
  EXPECT_EQ(addon->ready.at(0).line, 11);
  EXPECT_EQ(addon->probes.at(0).status, 204);
  ASSERT_TRUE(addon->tunnel);
  EXPECT_EQ(addon->tunnel->name, "web");
  EXPECT_EQ(addon->tunnel->ports, (std::vector<std::uint16_t>{80, 443}));
  EXPECT_EQ(addon->tunnel->ingress_class, "mine");
}

TEST(Addon, MistakesAreNamedWithFileAndLine) {
  const std::string small = small_description;
  EXPECT_EQ(refusal(small + "imges: []\n"), "/there/small/addon.yaml:3: unknown key 'imges'; did you mean 'images'?");
  const std::string tunnel = small + "tunnel:\n  name: a\n  namespace: web\n  service: s\n";
  EXPECT_EQ(refusal(tunnel), "/there/small/addon.yaml:4: 'ports' is missing");
  EXPECT_EQ(refusal(tunnel + "  ports: [0]\n"),
            "/there/small/addon.yaml:7: 'ports' must be a list of numbers of 1 to 65535");
  EXPECT_EQ(refusal(small + "images:\n- name: x\n  reference: z\n"), "/there/small/addon.yaml:4: 'origin' is missing");
  EXPECT_EQ(refusal(small + "values:\n  x: {help: h}\n"), "/there/small/addon.yaml:4: the value 'x' has no default");
  EXPECT_EQ(refusal(small + "values:\n  x: {default: [1], help: h}\n"),
            "/there/small/addon.yaml:4: a default is a text, a number or a truth");
  EXPECT_EQ(refusal(small + "values: 3\n"), "/there/small/addon.yaml:3: 'values' must be a mapping");
  EXPECT_EQ(refusal(small + "ready: x\n"), "/there/small/addon.yaml:3: 'ready' must be a list");
  EXPECT_EQ(refusal(small + "ready: [x]\n"), "/there/small/addon.yaml:3: expected a mapping");
  EXPECT_EQ(refusal(small + "probes:\n- {url: x, status: 1}\n"),
            "/there/small/addon.yaml:4: 'status' must be an HTTP status");
  Folder shouting = folder_of(small);
  shouting.name = "LOUD addon";
  EXPECT_EQ(parse_addon(shouting).error().id, ErrorId::addon_invalid);
  EXPECT_EQ(refusal("maintainer: x\n"), "/there/small/addon.yaml:1: 'summary' is missing");
  EXPECT_EQ(refusal("summary: [\n").substr(0, 31), "/there/small/addon.yaml:2: not ");
  EXPECT_EQ(refusal(""), "/there/small/addon.yaml:1: expected one mapping");
}

}  // namespace
}  // namespace skiff::addons
