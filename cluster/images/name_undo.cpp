#include "cluster/images/name_undo.h"

#include <algorithm>
#include <set>

#include "base/parallel.h"
#include "base/strings.h"

namespace skiff::cluster {
namespace {

std::string digest_of(const NodeNames& names, const std::string& name) {
  const auto found = names.find(name);
  return found == names.end() ? "" : found->second;
}

// The image of before has a name left: the runtime knows it by its own hash.
constexpr auto give_back = R"(ref=$(ctr --namespace=k8s.io images list --quiet "target.digest==$2" | head -n 1)
[ -n "$ref" ] && exec ctr --namespace=k8s.io images tag --force "$ref" "$1")";

Result<NodeNames> names_in(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                           const NodeNames& given) {
  std::vector<std::string> command = {"ctr", "--namespace=k8s.io", "images", "list"};
  for (const auto& [name, digest] : given) command.push_back("name==" + name);
  const auto listed = TRY(drivers::capture(ctx, driver, node, command));
  if (listed.exit_code != 0) return make_error(ErrorId::node_command_failed, words_of_ctr(listed.err));
  return parse_names(split(listed.out, '\n'));
}

Result<void> undo_one(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node, const NameUndo& undo) {
  std::vector<std::string> command = {"ctr", "--namespace=k8s.io", "images", "rm", undo.name};
  if (!undo.digest.empty()) command = {"sh", "-c", give_back, "sh", undo.name, undo.digest};
  const auto done = TRY(drivers::capture(ctx, driver, node, command));
  if (done.exit_code == 0) return {};
  return make_error(ErrorId::node_command_failed,
                    "the node " + node.name + " has the new '" + undo.name + "' all the same");
}

}  // namespace

std::vector<NameUndo> undo_of(const std::vector<NodeNames>& found, const Naming& naming) {
  std::vector<NameUndo> undos;
  for (const auto& [name, digest] : naming.given) {
    std::vector<std::size_t> changed;
    std::set<std::string> others;
    for (std::size_t node = 0; node < found.size(); ++node) {
      const std::string there = digest_of(found[node], name);
      const bool told = std::ranges::find(naming.told, node) != naming.told.end();
      if (told && there == digest) {
        changed.push_back(node);
      } else {
        others.insert(there);
      }
    }
    if (others.size() != 1) continue;
    for (const auto node : changed) undos.push_back({node, name, *others.begin()});
  }
  return undos;
}

void take_back_names(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                     const Naming& naming, Error& why) {
  if (nodes.size() < 2 || naming.given.empty() || naming.told.empty()) return;
  std::vector<NodeNames> found(nodes.size());
  std::vector<std::size_t> indices;
  for (std::size_t node = 0; node < nodes.size(); ++node) indices.push_back(node);
  const auto asked = parallel_for(ctx, indices, [&](const Context& c, std::size_t node) -> Result<void> {
    found[node] = TRY(names_in(c, driver, nodes[node], naming.given));
    return {};
  });
  auto undos = asked.ok() ? undo_of(found, naming) : std::vector<NameUndo>();
  const auto done = !asked.ok() ? asked : parallel_for(ctx, undos, [&](const Context& c, const NameUndo& undo) {
    return undo_one(c, driver, nodes[undo.node], undo);
  });
  if (!done.ok()) why.trail.push_back("and nodes may differ in what a name stands for: " + done.error().what);
}

}  // namespace skiff::cluster
