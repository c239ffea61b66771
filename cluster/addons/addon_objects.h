// SPDX-License-Identifier: Apache-2.0
// An addon's objects in a cluster. Every one carries its label; a record (a ConfigMap in kube-system) says which kinds
// it ever applied, so that all of them are found again whatever became of its manifests.
#pragma once

#include <string>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace skiff::cluster {

// Selects what carries the addon's label.
std::string selector_of(const std::string& addon);

// addon_conflict when an object is there without the addon's label.
Result<void> check_owners(const Context& ctx, kube::Client& client, const std::string& addon,
                          const std::vector<Json>& objects);

// What users have changed in an addon's objects: stays, as a start has it (kube::apply_kept), or goes, as the command
// that installs or configures the addon has it.
enum class Edits { keep, override };

// Server-side apply in the order of the objects, those of equal rank at once. A `status` is applied to the status.
Result<void> apply_objects(const Context& ctx, kube::Client& client, const std::string& addon,
                           const std::vector<Json>& objects, Edits edits);

// Removes what carries the addon's label and is not among `objects`, and waits until it has gone; workloads first,
// namespaces last. With no objects at all nothing of the addon is left, its record included.
Result<void> keep_only(const Context& ctx, kube::Client& client, const std::string& addon,
                       const std::vector<Json>& objects);

// The addons that the cluster has a record of.
Result<std::vector<std::string>> recorded_addons(const Context& ctx, kube::Client& client);

// "v1 Namespace", "apps/v1 Deployment": the record's lines. Pure.
std::string kind_of(const Json& object);
Json record_of(const std::string& addon, const std::vector<std::string>& kinds);
std::vector<std::string> kinds_in(const Json& record);

}  // namespace skiff::cluster
