// SPDX-License-Identifier: Apache-2.0
// Kubernetes objects in memory, with versions and a history to watch: what etcd is to an API server. Not for several
// threads at once.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace skiff::fakes {

struct ObjectKey {
  std::string api;     // "/api/v1", "/apis/apps/v1"
  std::string plural;  // "pods"
  std::string ns;      // empty for cluster-wide kinds
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
};

// Does the object carry the labels of "a=b,c"?
bool matches(const Json& object, std::string_view selector);
// RFC 7386; with `keep_nulls` a null is a value like any other (server-side apply).
Json merged(Json into, const Json& patch, bool keep_nulls = false);

class ObjectStore {
 public:
  struct Change {
    long long version;
    std::string type;  // "ADDED", "MODIFIED", "DELETED"
    ObjectKey key;
    Json object;
  };

  const Json* get(const ObjectKey& key) const;
  // A change of nothing is none: the version stays. Fills in uid, resourceVersion and generation.
  const Json& put(const ObjectKey& key, Json object);
  bool erase(const ObjectKey& key);
  // All of a kind; of all namespaces when `ns` is empty.
  std::vector<std::pair<ObjectKey, Json>> list(std::string_view api, std::string_view plural, std::string_view ns = {},
                                               std::string_view selector = {}) const;
  long long version() const { return version_; }
  const std::vector<Change>& history() const { return history_; }  // since it was made or loaded

  Json to_json() const;
  void load(const Json& saved);

 private:
  void record(const char* type, const ObjectKey& key, const Json& object);

  std::map<ObjectKey, Json> objects_;
  std::vector<Change> history_;
  long long version_ = 1;
};

}  // namespace skiff::fakes
