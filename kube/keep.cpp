#include "kube/keep.h"

#include <algorithm>
#include <vector>

#include "sys/hash.h"
#include "sys/log.h"

namespace skiff::kube {
namespace {

// One step of a conflict's path: a field's name, or what stands between brackets.
struct PathStep {
  std::string text;
  bool of_list = false;
};

// Dots and brackets within quotes belong to a value. Empty when the text is no path.
std::vector<PathStep> steps_of(std::string_view path) {
  std::vector<PathStep> steps;
  while (!path.empty()) {
    const bool list = path.front() == '[';
    if (!list && path.front() != '.') return {};
    path.remove_prefix(1);
    std::size_t end = 0;
    for (bool quoted = false; end < path.size(); ++end) {
      if (path[end] == '\\' && quoted)
        ++end;
      else if (path[end] == '"')
        quoted = !quoted;
      else if (!quoted && (list ? path[end] == ']' : path[end] == '.' || path[end] == '['))
        break;
    }
    end = std::min(end, path.size());
    if (end == 0 || (list && end == path.size())) return {};
    steps.push_back({std::string(path.substr(0, end)), list});
    path.remove_prefix(end + (list ? 1 : 0));
  }
  return steps;
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

// Was it written from this default?
Result<bool> is_from(const Context& ctx, Client& client, const Json& object, const std::string& hash) {
  const ObjectRef ref = TRY(client.locate(ctx, object));
  const auto there = client.get(ctx, path_of(ref.resource, ref.ns, ref.name));
  if (!there.ok()) return there.error().id == ErrorId::kube_not_found ? Result<bool>(false) : there.error();
  const Json* annotations = find(*there, "metadata.annotations");
  const JsonObject* texts = annotations != nullptr ? annotations->if_object() : nullptr;
  const Json* applied = texts != nullptr ? texts->if_contains(applied_annotation) : nullptr;
  return applied != nullptr && *applied == Json(hash);
}

}  // namespace

bool erase_field(Json& object, std::string_view path) {
  const auto steps = steps_of(path);
  if (steps.empty()) return false;
  Json* at = &object;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    if (JsonArray* array = at->if_array(); steps[i].of_list && array != nullptr) {
      const auto found = element_of(*array, steps[i].text);
      if (found == array->end()) return false;
      if (last)
        array->erase(found);
      else
        at = &*found;
    } else if (JsonObject* fields = at->if_object(); !steps[i].of_list && fields != nullptr) {
      const auto found = fields->find(steps[i].text);
      if (found == fields->end()) return false;
      if (last)
        fields->erase(found);
      else
        at = &found->value();
    } else {
      return false;
    }
  }
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
      sys::log::info("the " + name + " keeps its " + field);
      if (erase_field(rest, field)) continue;
      sys::log::warn("the " + name + " stays as it is: there is no " + field + " to leave out");
      return {};
    }
  }
}

}  // namespace skiff::kube
