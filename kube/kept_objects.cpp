// SPDX-License-Identifier: Apache-2.0
#include "kube/kept_objects.h"

#include <algorithm>
#include <vector>

#include "sys/hash.h"
#include "sys/log.h"

namespace skiff::kube {
namespace {

// The end of what is between brackets, which `text` begins with; quotes may hold brackets. npos when there is none.
std::size_t closing(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted)
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ']' && !quoted)
      return i;
  }
  return std::string_view::npos;
}

// Is it the element of `port=53,protocol="UDP"`, or of `="value"`?
bool is_element(const Json& element, std::string_view keys) {
  while (!keys.empty()) {
    const auto equals = keys.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string name(keys.substr(0, equals));
    keys.remove_prefix(equals + 1);
    std::size_t end = 0;
    for (bool quoted = false; end < keys.size() && (quoted || keys[end] != ','); ++end) {
      if (keys[end] == '\\' && quoted)
        ++end;
      else if (keys[end] == '"')
        quoted = !quoted;
    }
    end = std::min(end, keys.size());
    const auto wanted = parse_json(keys.substr(0, end));
    const JsonObject* fields = element.if_object();
    const Json* value = name.empty() ? &element : fields != nullptr ? fields->if_contains(name) : nullptr;
    if (!wanted.ok() || value == nullptr || *value != *wanted) return false;
    keys.remove_prefix(std::min(end + 1, keys.size()));
  }
  return true;
}

JsonArray::iterator element_of(JsonArray& array, const std::string& keys) {
  return std::ranges::find_if(array, [&](const Json& element) { return is_element(element, keys); });
}

std::string hash_of(const Json& object) { return sys::sha256_hex(to_text(object)).substr(0, 16); }

const std::string note_path = ".metadata.annotations." + std::string(applied_annotation);

Json note_of(const Json& object) {
  return JsonObject{{"metadata", JsonObject{{"annotations", JsonObject{{applied_annotation, hash_of(object)}}}}}};
}

Result<std::string> path_in(const Context& ctx, Client& client, const Json& object) {
  const ObjectRef ref = TRY(client.locate(ctx, object));
  return path_of(ref.resource, ref.ns, ref.name);
}

// Was it written from this default?
Result<bool> is_from(const Context& ctx, Client& client, const Json& object, const std::string& hash) {
  const auto there = client.get(ctx, TRY(path_in(ctx, client, object)));
  if (!there.ok()) return there.error().id == ErrorId::kube_not_found ? Result<bool>(false) : there.error();
  const Json* annotations = find(*there, "metadata.annotations");
  const JsonObject* texts = annotations != nullptr ? annotations->if_object() : nullptr;
  const Json* applied = texts != nullptr ? texts->if_contains(applied_annotation) : nullptr;
  return applied != nullptr && *applied == Json(hash);
}

}  // namespace

bool erase_field(Json& object, std::string_view path) {
  if (JsonArray* array = object.if_array(); array != nullptr && path.starts_with('[')) {
    const auto end = closing(path);
    if (end == std::string_view::npos || end == 1) return false;
    const auto found = element_of(*array, std::string(path.substr(1, end - 1)));
    if (found == array->end()) return false;
    path.remove_prefix(end + 1);
    if (!path.empty()) return erase_field(*found, path);
    array->erase(found);
    return true;
  }
  JsonObject* fields = object.if_object();
  if (fields == nullptr || !path.starts_with('.')) return false;
  path.remove_prefix(1);
  // A key may hold dots, as labels and annotations do, and nothing quotes them: the longest that fits.
  std::string_view key;
  for (const auto& field : *fields) {
    const std::string_view name(field.key().data(), field.key().size());
    const bool fits =
        path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '[');
    if (fits && name.size() > key.size()) key = name;
  }
  if (key.empty()) return false;
  path.remove_prefix(key.size());
  if (!path.empty()) return erase_field(fields->at({key.data(), key.size()}), path);
  fields->erase({key.data(), key.size()});
  return true;
}

Json with_applied_hash(Json object) {
  const std::string hash = hash_of(object);
  const auto mapping = [](Json& value) -> JsonObject& {
    return value.is_object() ? value.get_object() : value.emplace_object();
  };
  mapping(mapping(mapping(object)["metadata"])["annotations"])[applied_annotation] = hash;
  return object;
}

Result<void> apply_kept(const Context& ctx, Client& client, const Json& object, bool fresh) {
  if (!fresh && TRY(is_from(ctx, client, object, hash_of(object)))) return {};
  const std::string name = text_at(object, "kind") + " " + text_at(object, "metadata.name");
  Json rest = with_applied_hash(object);
  for (;;) {
    const auto theirs = TRY(client.apply_unless_conflicts(ctx, rest));
    if (theirs.empty()) return {};
    for (const auto& field : theirs) {
      // Who applied the whole object from a copy of it has applied the note too; it is ours all the same.
      if (field == note_path) TRY(client.merge_patch(ctx, TRY(path_in(ctx, client, object)), note_of(object)));
      sys::log::info("the " + name + " keeps its " + field);
      if (erase_field(rest, field)) continue;
      sys::log::warn("the " + name + " stays as it is: there is no " + field + " to leave out");
      return {};
    }
  }
}

}  // namespace skiff::kube
