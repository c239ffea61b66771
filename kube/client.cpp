// SPDX-License-Identifier: Apache-2.0
#include "kube/client.h"

#include <algorithm>
#include <mutex>

#include "kube/watch.h"

namespace skiff::kube {
namespace {

sys::HttpRequest request(std::string method, std::string path, const std::string& type, const Json& body) {
  return {.method = std::move(method),
          .path = std::move(path),
          .headers = {{"Accept", "application/json"}, {"Content-Type", type}},
          .body = to_text(body)};
}

Collection collection_of(const Resource& resource, std::string_view ns, std::string_view selector) {
  return {path_of(resource, ns), std::string(selector)};
}

}  // namespace

struct Client::Impl {
  explicit Impl(const Access& access) : rest(access) {}

  Result<Json> call(const Context& ctx, const sys::HttpRequest& made) { return accepted(TRY(rest.send(ctx, made))); }

  Result<Resource> resource_of(const Context& ctx, const std::string& api, const std::string& kind) {
    if (auto known = known_resource(api, kind)) return *known;
    {
      const std::lock_guard lock(mutex);
      if (const auto at = discovered.find({api, kind}); at != discovered.end()) return at->second;
    }
    const auto list = call(ctx, {.path = api_path(api)});
    if (!list.ok() && list.error().id != ErrorId::kube_not_found) return list.error();
    const auto resource = list.ok() ? discovered_resource(*list, api, kind) : std::nullopt;
    if (!resource)
      return make_error(ErrorId::kube_not_found, "The cluster knows no kind '" + kind + "' in '" + api + "'");
    const std::lock_guard lock(mutex);
    discovered[{api, kind}] = *resource;
    return *resource;
  }

  Rest rest;
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, Resource> discovered;  // apiVersion, kind
};

Client::Client(const Access& access) : impl_(std::make_unique<Impl>(access)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<Json> Client::get(const Context& ctx, const std::string& path) { return impl_->call(ctx, {.path = path}); }

Result<JsonArray> Client::list(const Context& ctx, const Resource& resource, std::string_view ns,
                               std::string_view selector) {
  Listing listing = TRY(list_all(ctx, impl_->rest, collection_of(resource, ns, selector)));
  if (listing.last.status >= 300) return refusal(listing.last);
  return std::move(listing.items);
}

Result<Json> Client::create(const Context& ctx, const std::string& collection_path, const Json& object) {
  return impl_->call(ctx, request("POST", collection_path, "application/json", object));
}
Result<Json> Client::replace(const Context& ctx, const std::string& path, const Json& object) {
  return impl_->call(ctx, request("PUT", path, "application/json", object));
}
Result<Json> Client::merge_patch(const Context& ctx, const std::string& path, const Json& patch) {
  return impl_->call(ctx, request("PATCH", path, "application/merge-patch+json", patch));
}

Result<void> Client::remove(const Context& ctx, const std::string& path) {
  const auto answer =
      impl_->call(ctx, request("DELETE", path, "application/json", JsonObject{{"propagationPolicy", "Foreground"}}));
  if (answer.ok() || answer.error().id == ErrorId::kube_not_found) return {};
  return answer.error();
}

Result<Json> Client::apply(const Context& ctx, const Json& object, std::string_view subresource) {
  const ObjectRef ref = TRY(locate(ctx, object));
  std::string path = path_of(ref.resource, ref.ns, ref.name);
  if (!subresource.empty()) path += "/" + std::string(subresource);
  return impl_->call(ctx,
                     request("PATCH", path + "?fieldManager=skiff&force=true", "application/apply-patch+yaml", object));
}

Result<std::vector<std::string>> Client::apply_unless_conflicts(const Context& ctx, const Json& object) {
  constexpr int conflict = 409;
  const ObjectRef ref = TRY(locate(ctx, object));
  const auto answer =
      TRY(impl_->rest.send(ctx, request("PATCH", path_of(ref.resource, ref.ns, ref.name) + "?fieldManager=skiff",
                                        "application/apply-patch+yaml", object)));
  std::vector<std::string> fields;
  const Json status = answer.status == conflict ? parse_json(answer.body).value_or(nullptr) : Json();
  for (const auto& cause : array_at(status, "details.causes")) {
    if (text_at(cause, "reason") == "FieldManagerConflict") fields.push_back(text_at(cause, "field"));
  }
  if (fields.empty()) TRY(accepted(answer));
  return fields;
}

Result<ObjectRef> Client::locate(const Context& ctx, const Json& object) {
  ObjectRef ref;
  ref.resource = TRY(impl_->resource_of(ctx, text_at(object, "apiVersion"), text_at(object, "kind")));
  ref.name = text_at(object, "metadata.name");
  if (ref.resource.namespaced) ref.ns = text_at(object, "metadata.namespace", "default");
  return ref;
}

Result<void> Client::watch(const Context& ctx, const Resource& resource, std::string_view ns, std::string_view selector,
                           const Seen& seen) {
  return watch_all(ctx, impl_->rest, collection_of(resource, ns, selector), seen);
}

Result<void> Client::wait(const Context& ctx, const Resource& resource, std::string_view ns, std::string_view selector,
                          const std::function<bool(const Objects&)>& done, std::string_view what) {
  Objects objects;
  bool complete = false;
  auto watched = watch(ctx, resource, ns, selector, [&](std::string_view type, const Json& object) -> Result<bool> {
    if (type == "SYNCED") {
      complete = true;
    } else if (type == "DELETED") {
      objects.erase(key_of(object));
    } else {
      objects[key_of(object)] = object;
    }
    return !complete || !done(objects);
  });
  if (!watched.ok() && watched.error().id == ErrorId::kube_timeout) {
    watched.error().what = "Waited too long for " + std::string(what);
  }
  return watched;
}

Result<Client::Raw> Client::raw_get(const Context& ctx, const std::string& path) {
  auto answer = TRY(impl_->rest.send(ctx, {.path = path}));
  return Raw{answer.status, std::move(answer.body)};
}

bool has_condition(const Json& object, std::string_view type) {
  const JsonArray& conditions = array_at(object, "status.conditions");
  return std::any_of(conditions.begin(), conditions.end(), [&](const Json& condition) {
    return text_at(condition, "type") == type && text_at(condition, "status") == "True";
  });
}

Result<void> await_default_account(const Context& ctx, Client& client) {
  return client.wait(
      ctx, {"v1", "serviceaccounts", true}, "default", "",
      [](const auto& all) { return all.contains("default/default"); }, "the default service account");
}

}  // namespace skiff::kube
