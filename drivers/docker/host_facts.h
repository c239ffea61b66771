// SPDX-License-Identifier: Apache-2.0
// What nodes need to know of the engine's host. Where that is another one, it is what the engine tells, and what it
// gives containers.
#pragma once

#include <ctime>
#include <optional>

#include "drivers/docker/engine.h"
#include "drivers/driver.h"

namespace skiff::drivers::docker {

// As Driver::host_facts.
Result<HostFacts> host_facts(const Context& ctx, Engine& engine, const std::string& image);

// The MTU for networks of the engine's: of its host's uplink where that is this host, else that of its default network,
// which is its owner's choice; nothing when the engine does not say.
Result<std::optional<int>> network_mtu(const Context& ctx, Engine& engine);

// Seconds since 1970 of a time as the engine writes it, "2026-01-31T12:00:00.123456789+01:00". Pure.
std::optional<std::time_t> parse_time(const std::string& text);

}  // namespace skiff::drivers::docker
