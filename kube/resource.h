// SPDX-License-Identifier: Apache-2.0
// Where the objects of a kind live in the API: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace skiff::kube {

// "/api/v1" + "nodes", "/apis/apps/v1" + "deployments".
struct Resource {
  std::string api;     // "v1", "apps/v1": as in apiVersion
  std::string plural;  // "nodes"
  bool namespaced = true;
};

struct ObjectRef {
  Resource resource;
  std::string ns;  // empty for cluster-wide kinds
  std::string name;
};

// "/api/v1", "/apis/apps/v1".
std::string api_path(std::string_view api);
// Of one object, or of a collection when `name` is empty; an empty `ns` means all namespaces.
std::string path_of(const Resource& resource, std::string_view ns, std::string_view name = {});

// The kinds that every cluster has; nothing for others.
std::optional<Resource> known_resource(std::string_view api, std::string_view kind);
// The resource of a kind according to what the API says about `api` (an APIResourceList).
std::optional<Resource> discovered_resource(const Json& list, std::string_view api, std::string_view kind);

}  // namespace skiff::kube
