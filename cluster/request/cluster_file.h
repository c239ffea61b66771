// SPDX-License-Identifier: Apache-2.0
// A cluster as a file that lies beside its application: `skiff start -f cluster.yaml` (docs/cluster-file.md).
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "cluster/request/resolve.h"

namespace skiff::cluster {

// Puts what the file says into a request, as flags would; the rest of it stays. Pure. config_invalid, with the file's
// name and line, for what is no cluster file: unknown keys (with the nearest name), keys that stand twice, values of
// another kind, several documents.
Result<void> take_cluster_file(const std::string& content, const std::string& name, StartRequest& request);

// The same for one key with a plain value, in words as they are typed: ("podRange", "10.8.0.0/16"). usage, which calls
// it `said_as`, for a value of another kind.
Result<void> take_cluster_value(std::string_view key, const std::string& value, const std::string& said_as,
                                StartRequest& request);

// What such a file may hold, as a JSON schema (draft 2020-12), for editors.
Json cluster_file_schema();

}  // namespace skiff::cluster
