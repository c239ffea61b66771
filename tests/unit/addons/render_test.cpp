// SPDX-License-Identifier: Apache-2.0
#include "addons/render.h"

#include <gtest/gtest.h>

#include "addons/objects.h"
#include "tests/unit/addons/addon_folder.h"

namespace skiff::addons {
namespace {

const Facts lab{"lab", "lab-cp1", "192.0.2.2"};

constexpr auto deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: "n"}
spec:
  replicas: ${copies}
  template:
    spec:
      containers:
        - {name: c, image: "${image.main}", args: ["--at=${controlPlane.address}:${copies}", "$${HOME}"]}
---
apiVersion: v1
kind: Namespace
metadata: {name: "n"}
)";
constexpr auto described = R"(summary: s
maintainer: m
values:
  copies: {default: 2, help: h}
images:
  - {name: main, reference: "skiff.dev/b:1", build: b, origin: made here}
ready:
  - {kind: Deployment, namespace: "n", name: d, condition: Available}
)";

std::string refusal(const std::string& description, const std::string& manifest, const Settings& settings = {}) {
  const auto rendered = render(addon_of(description, manifest), settings, lab);
  return rendered.ok() ? "" : rendered.error().what;
}

TEST(Render, FillsEveryTextAndKeepsKinds) {
  const auto rendered = render(addon_of(described, deployment), {}, lab);
  ASSERT_TRUE(rendered.ok()) << rendered.error().what;
  const Json& object = rendered->objects.at(1);
  EXPECT_EQ(int_at(object, "spec.replicas"), 2);
  EXPECT_EQ(text_at(object, "spec.template.spec.containers.0.image"), "skiff.dev/b:1");
  EXPECT_EQ(text_at(object, "spec.template.spec.containers.0.args.0"), "--at=192.0.2.2:2");
  EXPECT_EQ(text_at(object, "spec.template.spec.containers.0.args.1"), "${HOME}");
}

TEST(Render, NamespacesComeFirst) {
  const auto rendered = render(addon_of(described, deployment), {}, lab).value();
  EXPECT_EQ(identity(rendered.objects.at(0)), "Namespace n");
  EXPECT_EQ(identity(rendered.objects.at(1)), "Deployment n/d");
}

TEST(Render, DefinitionsOfAModuleComeBeforeWhatIsOfTheirKind) {
  const Addon addon = addon_of(described, deployment);
  auto rendered = render(addon, {}, lab).value();
  const std::string definition =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ks.t}\n";
  const std::string policy = "apiVersion: v1\nkind: Policy\nmetadata: {name: p}\n";
  ASSERT_TRUE(
      add_definitions(addon, {{"a.yaml", "# made by a tool\n---\n" + definition}, {"b.yaml", policy}}, rendered).ok());
  ASSERT_EQ(rendered.objects.size(), 3U);
  EXPECT_EQ(identity(rendered.objects.at(1)), "CustomResourceDefinition ks.t");
  EXPECT_EQ(find(rendered.objects.at(1), "metadata.labels")->at(addon_label), Json(addon.name));
  EXPECT_EQ(add_definitions(addon, {{"a.yaml", "a: [\n"}}, rendered).error().id, ErrorId::addon_invalid);
}

TEST(Render, LabelsObjectsAndPods) {
  const auto rendered = render(addon_of(described, deployment), {}, lab).value();
  for (const auto& object : rendered.objects) {
    EXPECT_EQ(find(object, "metadata.labels")->at(addon_label), Json("small"));
  }
  EXPECT_EQ(find(rendered.objects.at(1), "spec.template.metadata.labels")->at(addon_label), Json("small"));
}

TEST(Render, SettingsReplaceDefaults) {
  const auto rendered = render(addon_of(described, deployment), {{"copies", "5"}, {"image.main", "x.test/b:2"}}, lab);
  ASSERT_TRUE(rendered.ok()) << rendered.error().what;
  EXPECT_EQ(int_at(rendered->objects.at(1), "spec.replicas"), 5);
  EXPECT_EQ(container_images(rendered->objects.at(1)), std::vector<std::string>{"x.test/b:2"});
  EXPECT_EQ(rendered->images.at(0).recipe, "") << "an image that is not ours is not built";
}

TEST(Render, DefaultsMayBeFacts) {
  const std::string description = "summary: s\nmaintainer: m\nvalues:\n  at: {default: \"${profile}!\", help: h}\n";
  const auto rendered = render(addon_of(description, std::string(small_manifest) + "data: {a: \"${at}\"}\n"), {}, lab);
  EXPECT_EQ(text_at(rendered.value().objects.at(0), "data.a"), "lab!");
}

TEST(Render, MistakesAreNamedWithFileAndLine) {
  const std::string small = small_description;
  const std::string manifest = small_manifest;
  EXPECT_EQ(refusal(small, manifest + "data:\n  a: ${profil}\n"),
            "/there/small/manifests/a.yaml:7: unknown key ${profil}; did you mean ${profile}?");
  EXPECT_EQ(refusal(small, manifest + "data:\n  a: \"x ${profile\"\n"),
            "/there/small/manifests/a.yaml:7: a ${ without its }; write $${ for the two characters themselves");
  EXPECT_EQ(refusal(small, "kind: ConfigMap\nmetadata: {name: x}\n"),
            "/there/small/manifests/a.yaml:1: the object has no apiVersion");
  EXPECT_EQ(refusal(small, manifest + "---\n" + manifest),
            "/there/small/manifests/a.yaml:10: the ConfigMap default/small is there twice");
  EXPECT_EQ(refusal(small + "values:\n  x: {default: 1, help: h}\n", manifest),
            "/there/small/addon.yaml:4: nothing uses the value 'x'");
  EXPECT_EQ(refusal(small + "images:\n- {name: x, reference: r, origin: o}\n", manifest),
            "/there/small/addon.yaml:4: nothing uses the image 'x'");
  EXPECT_EQ(refusal(small + "ready:\n- {kind: Job, namespace: ns, name: j, condition: Complete}\n", manifest),
            "/there/small/addon.yaml:4: no manifest has the Job ns/j");
  EXPECT_EQ(refusal(small + "notes: ${x.y}\n", manifest), "/there/small/addon.yaml:3: unknown key ${x.y}");
}

TEST(Render, SettingsAreChecked) {
  EXPECT_EQ(refusal(described, deployment, {{"copis", "1"}}),
            "The addon 'small' has no value 'copis'; did you mean 'copies'?");
  EXPECT_EQ(refusal(described, deployment, {{"copies", "x"}}), "'copies' must be a number, not 'x'");
  EXPECT_EQ(refusal(described, deployment, {{"image.other", "x"}}), "The addon 'small' has no value 'image.other'");
}

TEST(Settings, ImagesComeFromAnyRegistry) {
  EXPECT_EQ(with_registry("skiff.dev/a/b:1", "localhost:5000"), "localhost:5000/a/b:1");
  EXPECT_EQ(with_registry("library/b", "r.test"), "r.test/library/b");
  EXPECT_EQ(with_registry("b:1", "r.test"), "r.test/b:1");
  const Addon addon = addon_of(described, deployment);
  EXPECT_EQ(image_settings(addon, {{"main", "c:2"}}, {}).value(), (Settings{{"image.main", "c:2"}}));
  EXPECT_EQ(image_settings(addon, {}, {{"main", "r.test"}}).value(), (Settings{{"image.main", "r.test/b:1"}}));
  EXPECT_EQ(image_settings(addon, {}, {{"man", "r.test"}}).error().id, ErrorId::usage);
}

}  // namespace
}  // namespace skiff::addons
