// SPDX-License-Identifier: Apache-2.0
// How this host reaches a cluster's API. Where the engine's networks are not this host's, the API's port is published,
// and only there. skiff chooses the port and notes it in a label: the engine would choose another one at each start.
#pragma once

#include <vector>

#include "drivers/common/naming.h"
#include "drivers/docker/engine.h"
#include "model/published_port.h"

namespace skiff::drivers::docker {

// Whether the engine's bridges are interfaces of this host.
Result<bool> shares_our_network(const Context& ctx, Engine& engine);

// The ports worth trying for a new control plane's API, in order: no container of skiff's has them, running or not.
// Just 0 when nothing is to be published.
Result<std::vector<std::uint16_t>> api_ports(const Context& ctx, Engine& engine, Role role);

// Adds the publication of the API, which listens on one port in the container, as another of the engine's host to a
// container's description. Nothing for port 0.
Result<void> publish_api(const Context& ctx, JsonObject& description, Engine& engine, std::uint16_t port,
                         std::uint16_t listens);

// Adds the publication of these ports, each on its own address of the engine's host.
void publish(JsonObject& description, const std::vector<PublishedPort>& ports);

// Says where the API of an observed control plane answers, by what its container's labels tell.
void locate_api(ObservedNode& node, const Labels& labels, const Engine& engine);

// port_in_use in place of the engine's words when it could not start a container for that reason; unsupported when its
// host does not have the address by which it was reached, which somebody on the way translates.
Error explain_start(Error error);

}  // namespace skiff::drivers::docker
