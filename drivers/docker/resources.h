// SPDX-License-Identifier: Apache-2.0
// What networks, volumes and containers have in common: an owner, told by labels.
#pragma once

#include <string>
#include <string_view>

#include "drivers/common/naming.h"
#include "drivers/docker/engine.h"

namespace skiff::drivers::docker {

Labels labels_in(const Json& object, std::string_view path);  // absent or null = none
// The objects of a list answer that belong to the cluster, which their `Labels` tell.
std::vector<Json> of_cluster(const JsonArray& objects, const ClusterId& cluster);
JsonObject to_json(const Labels& labels);

// POST to one of the ".../create" paths. The engine finishes a creation even when nobody waits for its answer; so this
// does not heed a stop request that comes meanwhile, and an interrupted run can remove what it has made.
Result<Engine::Answer> create(const Context& ctx, Engine& engine, const std::string& path, const Json& description,
                              Engine::Tolerated tolerated = {});

// The volume of that name with its labels: made, or the one that is there.
Result<Json> make_volume(const Context& ctx, Engine& engine, const std::string& name, const Labels& labels);

// Absent = success. A volume that belongs to nobody of ours is left alone.
Result<void> remove_volume(const Context& ctx, Engine& engine, const std::string& name);
// Kills and removes with anonymous volumes, and blocks until the name is free. Absent = success.
Result<void> remove_container(const Context& ctx, Engine& engine, const std::string& name_or_id);

// Blocks until the container has ended; its exit code.
Result<long long> wait_for_end(const Context& ctx, Engine& engine, const std::string& container);
// Whether a container could not start because its image lacks the program that it was to run.
bool lacks_program(const Error& error);

// Removes a container whose start failed or was interrupted, and returns why it did.
Error undo(const Context& ctx, Engine& engine, const std::string& container, Error why);

}  // namespace skiff::drivers::docker
