// SPDX-License-Identifier: Apache-2.0
#include "addons/render.h"

#include <algorithm>
#include <set>

#include "addons/objects.h"
#include "addons/placeholders.h"

namespace skiff::addons {
namespace {

constexpr std::string_view description = "addon.yaml";

int line_of(const std::map<std::string, int>& lines, const std::string& path) {
  const auto found = lines.find(path);
  return found == lines.end() ? 1 : found->second;
}

Error wrong_at(const Addon& addon, const std::string& path, std::string_view what) {
  return invalid(addon.folder.location, description, line_of(addon.lines, path), what);
}

Result<Known> known_keys(const Addon& addon, const Settings& settings, const Facts& facts) {
  for (const auto& [name, text] : settings) TRY(check_setting(addon, name, text));
  const Known of_cluster = {{"profile", Json(facts.profile)},
                            {"controlPlane.node", Json(facts.node)},
                            {"controlPlane.address", Json(facts.address)}};
  Known known = of_cluster;
  std::set<std::string> ignored;
  for (const auto& value : addon.values) {
    const auto set = settings.find(value.name);
    auto filled = set == settings.end() ? fill(value.fallback, of_cluster, ignored) : typed_value(value, set->second);
    if (!filled.ok()) return wrong_at(addon, "values." + value.name + ".default", filled.error().what);
    known[value.name] = *std::move(filled);
  }
  for (const auto& image : images_in_use(addon, settings)) known[image_key(image)] = Json(image.reference);
  return known;
}

JsonObject& as_mapping(Json& value) { return value.is_object() ? value.get_object() : value.emplace_object(); }

void label(Json& object, const std::string& addon) {
  const auto put = [&](Json& labelled) {
    as_mapping(as_mapping(as_mapping(labelled)["metadata"])["labels"])[addon_label] = addon;
  };
  put(object);
  if (Json* pods = pod_template(object); pods != nullptr && pods->is_object()) put(*pods);
}

Result<Json> render_object(const Addon& addon, const File& file, const YamlDocument& document, const Known& known,
                           std::set<std::string>& used) {
  const auto wrong = [&](const std::string& path, std::string_view what) {
    return invalid(addon.folder.location, file.path, line_of(document.lines, path), what);
  };
  auto filled = fill(document.value, known, used);
  if (!filled.ok()) return wrong(filled.error().advice, filled.error().what);
  for (const std::string_view part : {"apiVersion", "kind", "metadata.name"}) {
    if (text_at(*filled, part).empty()) return wrong("kind", "the object has no " + std::string(part));
  }
  label(*filled, addon.name);
  return filled;
}

Result<std::vector<Json>> render_objects(const Addon& addon, const Known& known, std::set<std::string>& used) {
  std::vector<Json> objects;
  std::set<std::string> seen;
  for (const auto& file : addon.folder.files) {
    if (!file.path.starts_with("manifests/")) continue;
    const auto documents = parse_yaml(file.content, addon.folder.location + '/' + file.path);
    if (!documents.ok()) return make_error(ErrorId::addon_invalid, documents.error().what);
    for (const auto& document : *documents) {
      objects.push_back(TRY(render_object(addon, file, document, known, used)));
      if (seen.insert(identity(objects.back())).second) continue;
      return invalid(addon.folder.location, file.path, line_of(document.lines, "metadata.name"),
                     "the " + identity(objects.back()) + " is there twice");
    }
  }
  std::ranges::stable_sort(objects, {}, rank_of);
  return objects;
}

Result<std::vector<Condition>> find_conditions(const Addon& addon, const std::vector<Json>& objects) {
  std::vector<Condition> conditions;
  for (const auto& ready : addon.ready) {
    const std::string wanted = ready.kind + ' ' + (ready.ns.empty() ? "" : ready.ns + '/') + ready.name;
    const auto object = std::ranges::find(objects, wanted, identity);
    if (object == objects.end()) {
      return invalid(addon.folder.location, description, ready.line, "no manifest has the " + wanted);
    }
    conditions.push_back({*object, ready.condition});
  }
  return conditions;
}

Result<void> check_all_used(const Addon& addon, const std::set<std::string>& used) {
  for (const auto& value : addon.values) {
    if (!used.contains(value.name)) {
      return wrong_at(addon, "values." + value.name, "nothing uses the value '" + value.name + "'");
    }
  }
  for (std::size_t i = 0; i < addon.images.size(); ++i) {
    if (!used.contains(image_key(addon.images[i]))) {
      return wrong_at(addon, "images." + std::to_string(i), "nothing uses the image '" + addon.images[i].name + "'");
    }
  }
  return {};
}

}  // namespace

Result<Rendered> render(const Addon& addon, const Settings& settings, const Facts& facts) {
  const Known known = TRY(known_keys(addon, settings, facts));
  std::set<std::string> used;
  const auto fill_own = [&](std::string_view text, const std::string& path) -> Result<std::string> {
    auto filled = fill_text(text, known, used);
    return filled.ok() ? filled : wrong_at(addon, path, filled.error().what);
  };
  Rendered rendered;
  rendered.objects = TRY(render_objects(addon, known, used));
  rendered.images = images_in_use(addon, settings);
  rendered.ready = TRY(find_conditions(addon, rendered.objects));
  for (const auto& probe : addon.probes) {
    const std::string path = "probes." + std::to_string(rendered.probes.size()) + ".url";
    rendered.probes.push_back({TRY(fill_own(probe.url, path)), probe.status});
  }
  rendered.endpoint = TRY(fill_own(addon.endpoint, "endpoint"));
  rendered.notes = TRY(fill_own(addon.notes, "notes"));
  TRY(check_all_used(addon, used));
  return rendered;
}

Result<void> add_definitions(const Addon& addon, const std::vector<File>& files, Rendered& rendered) {
  for (const auto& file : files) {
    const auto documents = parse_yaml(file.content, file.path);
    if (!documents.ok()) return make_error(ErrorId::addon_invalid, documents.error().what);
    for (const auto& document : *documents) {
      if (text_at(document.value, "kind") != "CustomResourceDefinition") continue;
      rendered.objects.push_back(document.value);
      label(rendered.objects.back(), addon.name);
    }
  }
  std::ranges::stable_sort(rendered.objects, {}, rank_of);
  return {};
}

}  // namespace skiff::addons
