// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/object_store.h"

#include "base/strings.h"

namespace skiff::fakes {
namespace {

Json field(const Json& object, std::string_view name) {
  const Json* found = find(object, name);
  return found == nullptr ? Json() : *found;
}

}  // namespace

bool matches(const Json& object, std::string_view selector) {
  const Json* labels = find(object, "metadata.labels");
  for (const auto& part : split(selector, ',')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const Json* value = labels == nullptr ? nullptr : labels->as_object().if_contains(part.substr(0, equals));
    if (value == nullptr) return false;
    if (equals != std::string::npos && *value != Json(part.substr(equals + 1))) return false;
  }
  return true;
}

Json merged(Json into, const Json& patch, bool keep_nulls) {
  if (!patch.is_object()) return patch;
  if (!into.is_object()) into = JsonObject();
  for (const auto& [name, value] : patch.get_object()) {
    if (value.is_null() && !keep_nulls) {
      into.get_object().erase(name);
    } else {
      Json& field = into.get_object()[name];
      field = merged(std::move(field), value, keep_nulls);
    }
  }
  return into;
}

const Json* ObjectStore::get(const ObjectKey& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

const Json& ObjectStore::put(const ObjectKey& key, Json object) {
  const Json* before = get(key);
  auto& metadata = object.as_object()["metadata"];
  if (!metadata.is_object()) metadata = JsonObject();
  auto& fields = metadata.get_object();
  fields["name"] = key.name;
  if (!key.ns.empty()) fields["namespace"] = key.ns;
  fields["uid"] = before != nullptr ? text_at(*before, "metadata.uid") : key.name + "-" + std::to_string(version_);
  const bool new_form = before == nullptr || field(*before, "spec") != field(object, "spec");
  fields["generation"] = (before == nullptr ? 0 : int_at(*before, "metadata.generation")) + (new_form ? 1 : 0);
  fields["resourceVersion"] = before != nullptr ? text_at(*before, "metadata.resourceVersion") : "";
  if (before != nullptr && *before == object) return *before;

  const char* type = before == nullptr ? "ADDED" : "MODIFIED";
  object.as_object()["metadata"].as_object()["resourceVersion"] = std::to_string(++version_);
  Json& stored = objects_[key] = std::move(object);
  record(type, key, stored);
  return stored;
}

bool ObjectStore::erase(const ObjectKey& key) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return false;
  ++version_;
  found->second.as_object()["metadata"].as_object()["resourceVersion"] = std::to_string(version_);
  record("DELETED", key, found->second);
  objects_.erase(found);
  return true;
}

void ObjectStore::record(const char* type, const ObjectKey& key, const Json& object) {
  history_.push_back({version_, type, key, object});
}

std::vector<std::pair<ObjectKey, Json>> ObjectStore::list(std::string_view api, std::string_view plural,
                                                          std::string_view ns, std::string_view selector) const {
  std::vector<std::pair<ObjectKey, Json>> found;
  for (const auto& [key, object] : objects_) {
    if (key.api != api || key.plural != plural || (!ns.empty() && key.ns != ns)) continue;
    if (matches(object, selector)) found.emplace_back(key, object);
  }
  return found;
}

Json ObjectStore::to_json() const {
  JsonArray objects;
  for (const auto& [key, object] : objects_) {
    objects.push_back(
        {{"api", key.api}, {"plural", key.plural}, {"ns", key.ns}, {"name", key.name}, {"object", object}});
  }
  return {{"version", version_}, {"objects", std::move(objects)}};
}

void ObjectStore::load(const Json& saved) {
  *this = {};
  version_ = int_at(saved, "version", 1);
  for (const auto& each : array_at(saved, "objects")) {
    objects_[{text_at(each, "api"), text_at(each, "plural"), text_at(each, "ns"), text_at(each, "name")}] =
        each.at("object");
  }
}

}  // namespace skiff::fakes
