// SPDX-License-Identifier: Apache-2.0
// Objects that skiff writes at each start and users may change: what they have made of one stays.
#pragma once

#include <string_view>

#include "kube/client.h"

namespace skiff::kube {

// On objects written by apply_kept(): the hash of what was applied.
inline constexpr std::string_view applied_annotation = "dev.skiff/applied";

// Server-side apply of skiff's own default. An object that was written from this very default is left as it is,
// whatever was changed, added or removed in it since. Where skiff's default is another one now, all of it is written
// but the fields that somebody else has changed; they are named in the developers' log. One that is absent is created.
// `fresh`: nothing can be there yet, so nothing is asked first.
Result<void> apply_kept(const Context& ctx, Client& client, const Json& object, bool fresh = false);

// The object with that annotation, for who applies it by force and lets apply_kept() follow.
Json with_applied_hash(Json object);

// Removes the field at the path that the API gives for a conflict: ".spec.replicas",
// ".spec.template.spec.containers[name=\"coredns\"].image". False when there is none. Pure.
bool erase_field(Json& object, std::string_view path);

}  // namespace skiff::kube
