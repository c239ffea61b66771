// SPDX-License-Identifier: Apache-2.0
// Node containers: made, started, stopped, removed, listed.
#pragma once

#include "drivers/common/naming.h"
#include "drivers/docker/engine.h"
#include "drivers/docker/privileges.h"

namespace skiff::drivers::docker {

// As the methods of Driver with these names.
Result<Made> ensure_node(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const ClusterSpec& spec,
                         const NodeSpec& node, const FileTree& tree);
Result<void> stop_node(const Context& ctx, Engine& engine, const NodeId& id);
Result<void> pause_node(const Context& ctx, Engine& engine, const NodeId& id);
Result<void> unpause_node(const Context& ctx, Engine& engine, const NodeId& id);
Result<void> remove_node(const Context& ctx, Engine& engine, const NodeId& id);
Result<void> remove_leftovers(const Context& ctx, Engine& engine, const ClusterId& cluster);
Result<std::vector<ObservedNode>> all_nodes(const Context& ctx, Engine& engine);
Result<std::string> console(const Context& ctx, Engine& engine, const std::string& container);

// What every container of ours has that works as a node: empty /run and /tmp, a cgroup namespace of its own.
JsonObject node_host_config(Privileges privileges);
JsonObject volume_mount(const std::string& volume, std::string_view target, const Labels& labels);

}  // namespace skiff::drivers::docker
