// SPDX-License-Identifier: Apache-2.0
#include "kube/namespace.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/parallel.h"

namespace skiff::kube {
namespace {

bool has_verb(const Json& resource, std::string_view verb) {
  return std::ranges::any_of(array_at(resource, "verbs"), [&](const Json& each) { return each == Json(verb); });
}

// The kinds that live in namespaces and can be listed and deleted; a name with a slash is a part of a kind's objects.
Result<std::vector<Resource>> deletable_kinds(const Context& ctx, Client& client) {
  std::vector<std::string> apis = {"v1"};
  const Json groups = TRY(client.get(ctx, "/apis"));
  for (const auto& group : array_at(groups, "groups")) apis.push_back(text_at(group, "preferredVersion.groupVersion"));
  const auto lists = TRY(
      parallel_map(ctx, apis, [&](const Context& c, const std::string& api) { return client.get(c, api_path(api)); }));
  std::vector<Resource> kinds;
  for (std::size_t i = 0; i < apis.size(); ++i) {
    for (const auto& resource : array_at(lists[i], "resources")) {
      const std::string name = text_at(resource, "name");
      const bool ours = bool_at(resource, "namespaced") && name.find('/') == std::string::npos;
      if (ours && has_verb(resource, "list") && has_verb(resource, "delete")) kinds.push_back({apis[i], name, true});
    }
  }
  return kinds;
}

// Those of the kinds of which something is in it.
Result<std::vector<Resource>> kinds_in(const Context& ctx, Client& client, const std::vector<Resource>& kinds,
                                       const std::string& name, bool remove) {
  std::mutex mutex;
  std::vector<Resource> found;
  TRY(parallel_for(ctx, kinds, [&](const Context& c, const Resource& kind) -> Result<void> {
    const auto items = TRY(client.list(c, kind, name));
    if (items.empty()) return {};
    {
      const std::lock_guard lock(mutex);
      found.push_back(kind);
    }
    if (!remove) return {};
    return parallel_for(c, items, [&](const Context& each, const Json& item) {
      return client.remove(each, path_of(kind, name, text_at(item, "metadata.name")));
    });
  }));
  return found;
}

}  // namespace

Result<bool> finish_namespace(const Context& ctx, Client& client, const std::string& name, Duration patience) {
  constexpr auto between = std::chrono::milliseconds(50);
  const std::string path = path_of({"v1", "namespaces", false}, "", name);
  const Deadline end = Deadline::in(patience);
  const auto kinds = TRY(deletable_kinds(ctx, client));
  auto left = TRY(kinds_in(ctx, client, kinds, name, true));
  while (!left.empty()) {
    if (end.passed()) return false;
    TRY(ctx.pause(between, ErrorId::kube_timeout));  // a watch of every kind would cost more than these few looks
    left = TRY(kinds_in(ctx, client, left, name, false));
    if (left.empty()) left = TRY(kinds_in(ctx, client, kinds, name, true));  // what came meanwhile
  }
  Json found = TRY(client.get(ctx, path));
  if (find(found, "metadata.deletionTimestamp") == nullptr) return false;
  if (JsonObject* object = found.if_object()) (*object)["spec"] = JsonObject{{"finalizers", JsonArray()}};
  TRY(client.replace(ctx, path + "/finalize", found));
  return true;
}

}  // namespace skiff::kube
