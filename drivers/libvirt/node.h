// SPDX-License-Identifier: Apache-2.0
// Machines of a cluster: made, started, stopped, paused, removed, listed. Everything about them that is not libvirt's
// own state stands in their description's metadata.
#pragma once

#include "drivers/libvirt/machine.h"

namespace skiff::drivers::libvirt {

// As the methods of Driver with these names.
Result<Made> ensure_node(const Context& ctx, Connection& connection, Machines& machines, const PlacedSpec& spec,
                         const NodeSpec& node, const FileTree& tree);
Result<void> stop_node(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id);
Result<void> save_node(const Context& ctx, Connection& connection, const NodeId& id);
Result<void> pause_node(const Context& ctx, Connection& connection, const NodeId& id);
Result<void> unpause_node(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id);
Result<void> remove_node(const Context& ctx, Connection& connection, const NodeId& id);
Result<void> remove_leftovers(const Context& ctx, Connection& connection, const ClusterId& cluster);
Result<std::vector<ObservedNode>> all_nodes(const Context& ctx, Connection& connection);
Result<std::string> console(const Context& ctx, Connection& connection, const NodeId& id);

// Sends a request to the node's machine; cluster_not_running when that does not run.
Result<Conversation> ask(const Context& ctx, Connection& connection, Machines& machines, const NodeId& id,
                         const Json& request);

}  // namespace skiff::drivers::libvirt
