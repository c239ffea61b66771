// SPDX-License-Identifier: Apache-2.0
#include "addons/lint.h"

#include <algorithm>

#include "addons/objects.h"
#include "addons/render.h"

namespace skiff::addons {
namespace {

// Kinds that come to work some time after they were made.
bool takes_time(const Json& object) {
  const std::string kind = text_at(object, "kind");
  return kind == "APIService" || (pod_template(object) != nullptr && kind != "CronJob");
}

}  // namespace

std::vector<Error> lint(const Addon& addon) {
  std::vector<Error> problems;
  const auto rendered = render(addon, {}, {"lint", "lint-cp1", "192.0.2.2"});
  if (!rendered.ok()) return {rendered.error()};
  const auto problem = [&](std::string_view what) {
    problems.push_back(invalid(addon.folder.location, "addon.yaml", 1, what));
  };
  if (rendered->objects.empty()) problem("there are no manifests");
  for (const auto& object : rendered->objects) {
    for (const auto& image : container_images(object)) {
      const bool declared = std::ranges::find(rendered->images, image, &Image::reference) != rendered->images.end();
      if (!declared) problem("the " + identity(object) + " uses the image '" + image + "', which is not declared");
    }
    const auto waited = [&](const Condition& ready) { return identity(ready.object) == identity(object); };
    if (takes_time(object) && std::ranges::none_of(rendered->ready, waited)) {
      problem("nothing under 'ready' waits for the " + identity(object));
    }
  }
  return problems;
}

}  // namespace skiff::addons
