// SPDX-License-Identifier: Apache-2.0
// A thin Kubernetes client: JSON in, JSON out, over TLS with a client certificate. Many threads may share one.
// Errors: kube_unreachable (no connection), kube_not_found (404), kube_conflict (409), kube_error (any other refusal,
// with the API's own message), kube_timeout, interrupted. A request that the API puts off (429) is sent again, and one
// that it gave up (504) unless it creates.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "kube/kubeconfig.h"
#include "kube/resource.h"

namespace skiff::kube {

class Client {
 public:
  explicit Client(const Access& access);  // does not connect
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) = delete;

  Result<Json> get(const Context& ctx, const std::string& path);
  // All items of a list (pages followed), each with apiVersion and kind filled in. `selector` is a label selector.
  Result<JsonArray> list(const Context& ctx, const Resource& resource, std::string_view ns,
                         std::string_view selector = {});
  Result<Json> create(const Context& ctx, const std::string& collection_path, const Json& object);
  Result<Json> replace(const Context& ctx, const std::string& path, const Json& object);
  Result<Json> merge_patch(const Context& ctx, const std::string& path, const Json& patch);
  Result<void> remove(const Context& ctx, const std::string& path);  // absent = success; foreground propagation

  // Server-side apply with field manager "skiff" and force. `subresource` ("status") may be empty.
  Result<Json> apply(const Context& ctx, const Json& object, std::string_view subresource = {});
  // The same without force: where other managers have fields of it with other values, nothing is written, and the paths
  // of these fields are handed back, as the API names them (".spec.replicas").
  Result<std::vector<std::string>> apply_unless_conflicts(const Context& ctx, const Json& object);
  // Where an object (apiVersion, kind, metadata) lives; in namespace "default" when it names none. Asks discovery for
  // kinds that the table does not know; kube_not_found when the API has no such kind (yet).
  Result<ObjectRef> locate(const Context& ctx, const Json& object);

  // Lists, then watches, and goes on over broken connections, busy servers and expired versions until `seen` returns
  // false or the context ends (kube_timeout with the last trouble in its trail, interrupted); a lasting refusal (no
  // such kind, forbidden) is returned. `seen` gets "ADDED", "MODIFIED" or "DELETED" and the object; after each complete
  // (re-)list it gets "SYNCED" with a null value; objects that vanished meanwhile are reported DELETED.
  using Seen = std::function<Result<bool>(std::string_view type, const Json& object)>;
  Result<void> watch(const Context& ctx, const Resource& resource, std::string_view ns, std::string_view selector,
                     const Seen& seen);

  // watch() until the set of objects satisfies `done`; kube_timeout says `what` was waited for.
  using Objects = std::map<std::string, Json>;  // "namespace/name" -> object; "/name" for cluster-wide kinds
  Result<void> wait(const Context& ctx, const Resource& resource, std::string_view ns, std::string_view selector,
                    const std::function<bool(const Objects&)>& done, std::string_view what);

  // GET of an endpoint outside the resource model ("/readyz"): status and body, refusals included.
  struct Raw {
    int status = 0;
    std::string body;
  };
  Result<Raw> raw_get(const Context& ctx, const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Does the object's status.conditions hold `type` with status True?
bool has_condition(const Json& object, std::string_view type);

// Until the default ServiceAccount is there, without which no pod can be made. kube_timeout otherwise.
Result<void> await_default_account(const Context& ctx, Client& client);

}  // namespace skiff::kube
