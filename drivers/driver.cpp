// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver.h"

#include <algorithm>

namespace skiff::drivers {

std::string_view to_string(NodeState state) {
  switch (state) {
    case NodeState::running:
      return "running";
    case NodeState::stopped:
      return "stopped";
    case NodeState::saved:
      return "saved";
    case NodeState::paused:
      return "paused";
    case NodeState::broken:
      break;
  }
  return "broken";
}

const ObservedNode* find_node(const std::vector<ObservedNode>& nodes, std::string_view name) {
  const auto found = std::ranges::find(nodes, name, [](const ObservedNode& node) { return node.id.name; });
  return found == nodes.end() ? nullptr : &*found;
}

bool runs(const std::vector<ObservedNode>& nodes, std::string_view name) {
  const auto* node = find_node(nodes, name);
  return node != nullptr && node->state == NodeState::running;
}

HostFacts facts_of_this_host() { return {sys::resolver(), sys::uplink_mtu(), std::time(nullptr)}; }

Result<void> NodeVerbs::save_node(const Context&, const NodeId&) {
  return make_error(ErrorId::unsupported, "These nodes have no memory of their own that could be kept");
}

Result<void> NodeVerbs::bind_folders(const Context&, const std::vector<NodeId>&, const std::vector<FolderMount>&) {
  return make_error(ErrorId::unsupported, "Virtual machines cannot be given folders of this host while they run",
                    "Copy files with 'skiff cp', or use the driver docker");
}

Result<std::vector<ObservedNode>> Provider::nodes(const Context& ctx, const ClusterId& cluster) {
  auto all = TRY(all_nodes(ctx));
  std::erase_if(all, [&](const ObservedNode& node) { return node.id.cluster != cluster; });
  return all;
}

Result<void> Provider::remove_image(const Context& ctx, const std::string& reference) {
  for (const auto& node : TRY(all_nodes(ctx))) {
    if (node.image != reference && node.disk_image != reference) continue;
    return make_error(ErrorId::name_conflict, "The node " + node.id.name + " is made from the image " + reference,
                      "Delete its cluster first");
  }
  return drop_image(ctx, reference);
}

Error belongs_to_another(std::string_view thing, const std::string& cluster, const std::string& owner) {
  return make_error(ErrorId::name_conflict,
                    std::string(thing) + " belongs to another cluster '" + cluster + "'" +
                        (owner.empty() ? ", which this home does not know" : ", of " + owner),
                    "Choose another profile name; if that cluster is yours, 'skiff profile adopt " + cluster +
                        "' gives it to this home");
}

Result<Captured> capture(const Context& ctx, NodeVerbs& nodes, const NodeId& id, std::vector<std::string> argv,
                         std::string input) {
  Captured captured;
  ExecRequest request;
  request.argv = std::move(argv);
  if (!input.empty()) {
    request.in = [&input](const Context&) -> Result<std::string> { return std::exchange(input, {}); };
  }
  request.out = [&captured](std::string_view piece) { captured.out += piece; };
  request.err = [&captured](std::string_view piece) { captured.err += piece; };
  captured.exit_code = TRY(nodes.exec(ctx, id, request));
  return captured;
}

}  // namespace skiff::drivers
