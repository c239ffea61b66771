// SPDX-License-Identifier: Apache-2.0
// Lists and watches of one collection, as Client offers them.
#pragma once

#include <functional>
#include <string>

#include "kube/rest.h"

namespace skiff::kube {

struct Collection {
  std::string path;  // "/api/v1/pods"
  std::string label_selector;
};

struct Listing {
  sys::HttpResponse last;  // the answer that ended it: a success, or a refusal
  JsonArray items;         // with apiVersion and kind
  std::string version;     // to watch from
};
// Follows the pages.
Result<Listing> list_all(const Context& ctx, Rest& rest, const Collection& collection);

// See Client::watch.
using Seen = std::function<Result<bool>(std::string_view type, const Json& object)>;
Result<void> watch_all(const Context& ctx, Rest& rest, const Collection& collection, const Seen& seen);

// "namespace/name", "/name" for cluster-wide kinds.
std::string key_of(const Json& object);

}  // namespace skiff::kube
